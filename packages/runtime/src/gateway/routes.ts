import { operationsOf } from "@hanok/contract"
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
  const patterns = routes.map(({ method, path }) => ({ method, pattern: patternOf(path) }))
  return (path) => {
    const methods = patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)
    return [...new Set(methods.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])))]
  }
}

function routeOf(contract: string, operation: string, declaration: Operation, http: string): GatewayRoute {
  const [method = "", path = ""] = http.split(" ")
  // Fastify takes all up to a slash, dash or dot for the name of a field, but where an expression says what the field matches.
  const url = path.replaceAll(field, (_, name: string, next: string) =>
    /^[^.-]/.test(next) ? `:${name}(${textBefore(next)})` : `:${name}`,
  )
  return { contract, operation, name: `${contract}.${operation}`, declaration, method, path, url }
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

function patternOf(path: string): RegExp {
  const plain = path.split(/\{[^{}]+\}/).map(escaped)
  const fields = [...path.matchAll(field)].map(([, , next = ""]) => textBefore(next))
  return new RegExp(`^${plain.map((part, index) => part + (fields[index] ?? "")).join("")}$`)
}

/** A field's name, and what follows it in its segment. */
const field = /\{([^{}]+)\}(?=([^/{]*))/g

// A field ends where what follows it stands first: to try all other places takes minutes, for a segment with three fields and a
// path made for that.
function textBefore(next: string): string {
  return next === "" ? "[^/]+" : `[^/](?:(?!${escaped(next)})[^/])*`
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
