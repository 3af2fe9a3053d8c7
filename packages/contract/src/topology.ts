import { callSite } from "./call-site.ts"
import type { Module } from "./module.ts"
import { WiringError } from "./wiring-error.ts"
import type { WiringProblem } from "./wiring-error.ts"

/** How many processes run a service: a number, or limits between which load decides. */
export type Replicas = number | { readonly min: number; readonly max: number }

/** Modules deployed together as one process. */
export interface ServiceOptions {
  /** The names of the modules that live here. */
  readonly modules: readonly string[]
  /** 1 when not given. */
  readonly replicas?: Replicas
}

/** How the gateway lets the outside in. */
export interface GatewayOptions {
  /** The service in which the gateway runs; `main` when not given. A service of that name without modules is made for it when there is none. */
  readonly service?: string
  /** 3000 when not given; `HANOK_GATEWAY_PORT` overrides it; 0 takes a free one. */
  readonly port?: number
  /** The largest request body in bytes; 1 MiB when not given. */
  readonly bodyLimitBytes?: number
  /** Requests that one client address may make in a second, on average; a burst may be twice that. 0 for no limit; 100 when not given. */
  readonly requestsPerSecond?: number
  /**
   * The most requests carried out at the same time, whatever is good for the process: that the gateway finds out, beginning with 128
   * (`docs/concepts/resilience.md`). More are answered with `OVERLOADED`, unless a client that is slow to send or to read makes room.
   * 1000 when not given.
   */
  readonly concurrentRequests?: number
  /**
   * Addresses or networks (`10.0.0.0/8`) of the proxies in front, whose `X-Forwarded-For` says who the client is. None when not given:
   * then all who come through one proxy are one client.
   */
  readonly trustedProxies?: readonly string[]
}

export interface TopologyOptions {
  /** The name of the whole; `app` when not given. */
  readonly name?: string
  readonly modules: readonly Module[]
  /** Which modules live in a service of their own. The rest stays in one process, the service `main`. */
  readonly services?: Readonly<Record<string, ServiceOptions>>
  readonly gateway?: GatewayOptions
}

/** A group of modules deployed as one process, with replicas. */
export interface Service {
  readonly name: string
  readonly modules: readonly string[]
  readonly replicas: { readonly min: number; readonly max: number }
}

/** Which modules live in which service. */
export interface Topology {
  readonly kind: "topology"
  readonly name: string
  readonly modules: readonly Module[]
  /** Every service, `main` first if it has anything to do. */
  readonly services: readonly Service[]
  readonly gateway: Required<GatewayOptions>
  readonly definedAt: string | undefined
}

/** The service of all modules that no other service names. */
export const mainService = "main"

/**
 * Declares a topology. It does not check it: `checkTopology` does, and reports all faults at once.
 * Throws a `WiringError` only for modules that are none, of which a topology cannot be made.
 * @example
 * defineTopology({ modules: [orderModule, paymentModule], services: { payment: { modules: ["payment"], replicas: 2 } } })
 */
export function defineTopology(options: TopologyOptions): Topology {
  const gateway = gatewayOf(options.gateway ?? {})
  const name = options.name ?? "app"
  const definedAt = callSite()
  const strangers = strangersIn(options.modules, definedAt)
  if (strangers.length > 0) throw new WiringError(name, strangers)
  return { kind: "topology", name, modules: options.modules, services: servicesOf(options, gateway.service), gateway, definedAt }
}

// The compiler finds them in a program of types; what is undefined, for imports in a circle, it finds in none.
function strangersIn(modules: readonly unknown[], at: string | undefined): readonly WiringProblem[] {
  const hint = "Give what defineModule returns. It is undefined where files import each other in a circle."
  if (!Array.isArray(modules)) return [{ message: `modules is ${shown(modules)}, and no list.`, hint, at }]
  return modules.flatMap((module, index) =>
    isModule(module) ? [] : [{ message: `modules[${index}] is ${shown(module)}, and no module.`, hint, at }],
  )
}

function isModule(value: unknown): boolean {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "module"
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value)
  if (typeof value === "function") return "a function"
  return typeof value === "object" && value !== null ? "another object" : String(value)
}

/** The service in which a module lives. */
export function serviceOf(topology: Topology, module: string): Service | undefined {
  return topology.services.find((service) => service.modules.includes(module))
}

function gatewayOf(options: GatewayOptions): Required<GatewayOptions> {
  return {
    service: options.service ?? mainService,
    port: options.port ?? 3000,
    bodyLimitBytes: options.bodyLimitBytes ?? 1024 * 1024,
    requestsPerSecond: options.requestsPerSecond ?? 100,
    concurrentRequests: options.concurrentRequests ?? 1000,
    trustedProxies: options.trustedProxies ?? [],
  }
}

function servicesOf(options: TopologyOptions, gatewayService: string): readonly Service[] {
  const named = Object.entries(options.services ?? {}).map(([name, service]) => ({
    name,
    modules: service.modules,
    replicas: limitsOf(service.replicas),
  }))
  const placed = new Set(named.flatMap((service) => service.modules))
  const rest = options.modules.map((module) => module.contract.name).filter((name) => !placed.has(name))
  const withRest = rest.length === 0 ? named : withService(named, mainService, rest)
  return withService(withRest, gatewayService, [])
}

function withService(services: readonly Service[], name: string, modules: readonly string[]): readonly Service[] {
  const existing = services.find((service) => service.name === name)
  if (existing)
    return services.map((service) => (service === existing ? { ...service, modules: [...service.modules, ...modules] } : service))
  return [{ name, modules, replicas: { min: 1, max: 1 } }, ...services]
}

function limitsOf(replicas: Replicas = 1): { min: number; max: number } {
  return typeof replicas === "number" ? { min: replicas, max: replicas } : replicas
}
