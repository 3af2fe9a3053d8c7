import { fieldPatternsOf, operationsOf, parametersOf, pathPatternOf } from "@hanok/contract"
import type { Operation, Topology } from "@hanok/contract"

/** One operation as it is reached from outside. */
export interface GatewayRoute {
  readonly contract: string
  readonly operation: string
  /** `contract.operation`. */
  readonly name: string
  readonly declaration: Operation
  readonly method: string
  /** The path template as in the contract: `/orders/{orderId}/gifts`. */
  readonly path: string
  /** The same in Fastify's words: `/orders/:orderId/gifts`. */
  readonly url: string
}

/** Every operation of the topology that has a route. Throws one error that lists all pairs that share one. */
export function routesOf(topology: Topology, reserved: readonly string[]): readonly GatewayRoute[] {
  const routes = topology.modules.flatMap(({ contract }) =>
    operationsOf(contract).flatMap(([name, declaration]) =>
      declaration.http ? [routeOf(contract.name, name, declaration, declaration.http)] : [],
    ),
  )
  const faults = [...duplicates(routes), ...reservedOnes(routes, reserved)]
  if (faults.length > 0) throw new Error(`The gateway cannot route every operation:\n${faults.map((fault) => `  ${fault}`).join("\n")}`)
  return routes
}

/** Finds out which methods a path has, for answers to those that it has not. */
export function createAllowedMethods(routes: readonly Pick<GatewayRoute, "method" | "path">[]): (path: string) => readonly string[] {
  const patterns = routes.map(({ method, path }) => ({ method, pattern: pathPatternOf(path, "[^/]") }))
  return (path) => {
    const methods = patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)
    return [...new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])))]
  }
}

function routeOf(contract: string, operation: string, declaration: Operation, http: string): GatewayRoute {
  const [method = "", path = ""] = http.split(" ")
  const url = path.split("/").map(segmentUrlOf).join("/")
  return { contract, operation, name: `${contract}.${operation}`, declaration, method, path, url }
}

// Fastify is told what a field matches that shares its segment: what it makes of a dash or dot by itself does not hold for other text.
// It has decoded the segment by then, so that there may be a slash in it.
function segmentUrlOf(segment: string): string {
  const names = parametersOf(segment)
  if (names.length === 1 && segment.endsWith("}")) return segment.replace(`{${names[0]}}`, `:${names[0]}`)
  const patterns = fieldPatternsOf(segment, "[^]")
  return names.reduce((url, name, index) => url.replace(`{${name}}`, () => `:${name}(${patterns[index]})`), segment)
}

function duplicates(routes: readonly GatewayRoute[]): readonly string[] {
  const seen = new Map<string, GatewayRoute>()
  return routes.flatMap((route) => {
    const shape = shapeOf(route)
    const first = seen.get(shape)
    if (!first) seen.set(shape, route)
    return first
      ? [`${route.method} ${route.path} of ${route.name} is taken by ${first.name}${at(first)}: change one of them.${at(route)}`]
      : []
  })
}

function reservedOnes(routes: readonly GatewayRoute[], reserved: readonly string[]): readonly string[] {
  return routes
    .filter(({ path }) => reserved.includes(path))
    .map((route) => `${route.path} of ${route.name} is one of the gateway's own paths (${reserved.join(", ")}): use another.${at(route)}`)
}

// Two templates that differ in the names of their fields only match the same paths.
function shapeOf(route: GatewayRoute): string {
  return `${route.method} ${route.path.replaceAll(/\{[^{}]+\}/g, "{}")}`
}

function at(route: GatewayRoute): string {
  return route.declaration.definedAt === undefined ? "" : ` (${route.declaration.definedAt})`
}
