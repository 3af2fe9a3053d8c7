import { serviceOf } from "@hanok/contract"
import type { Module, Topology } from "@hanok/contract"
import type { Logger as Pino } from "pino"
import type { Origin } from "../context/call-context.ts"
import type { Edge } from "../edge.ts"
import { createEmitter } from "../events/emitter.ts"
import { relayMetrics } from "../events/relay-metrics.ts"
import { loggerFor } from "../log.ts"
import { memoised } from "../memoised.ts"
import { now } from "../recorder/clock.ts"
import { createEntrance, SpanTemplate } from "../recorder/index.ts"
import type { Entrance, Recorder } from "../recorder/index.ts"
import type { ModuleMetrics } from "../resilience/metrics.ts"
import { createPort } from "../seam/port.ts"
import type { Place } from "../seam/port.ts"
import type { ReplicatedSeam, Seam } from "../seam/seam.ts"
import { createDispatch } from "./dispatch.ts"
import { createEdge } from "./edge.ts"
import { hostModule } from "./hosted-module.ts"
import type { HostedModule } from "./hosted-module.ts"
import { startBackground } from "./background.ts"
import type { Background } from "./background.ts"
import { subscribersOf } from "./rules.ts"

export interface HostOptions {
  readonly topology: Topology
  /** The service whose modules live in this process. */
  readonly service: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly recorder: Recorder
  readonly log: Pino
  /** The way to another service. Called once for each. */
  readonly remote: (service: string) => ReplicatedSeam
}

/** The modules of one service, joined by seams: inline to each other, remote to the rest. */
export interface Host {
  /** For calls and events that come from other processes. */
  readonly seam: Seam
  /** For requests that come through the gateway. */
  readonly edge: Edge
  /** Begins to bring events out and to run jobs. */
  start(): void
  /** What is not ready yet, a line each; empty when all is. */
  unready(): Promise<readonly string[]>
  metrics(): readonly ModuleMetrics[]
  /**
   * Begins no more deliveries and jobs, lets those under way end for `graceMs`, then closes every need. Calls still under way may
   * fail; drain before.
   */
  close(options: HostClosing): Promise<void>
}

export interface HostClosing {
  readonly graceMs: number
  /** It ends because of an error that nobody caught: what is cut may have caused it. False when not given. */
  readonly crashed?: boolean
}

/** What the parts of a host share. */
export interface Household {
  readonly options: HostOptions
  readonly hosted: ReadonlyMap<string, HostedModule>
  /** Where the module of that name lives, as seen from here. */
  place(module: string): Place
  /** The same object each time. `as`: another module that works because of the operation or event, and what its spans are called. */
  origin(contract: string, operation: string, as?: { readonly module: string; readonly spanName: string }): Origin
  readonly enter: Entrance
}

/** Hosts the modules of `service`. Their needs are created, not awaited: `unready` tells when they serve. */
export async function createHost(options: HostOptions): Promise<Host> {
  const hosted = new Map<string, HostedModule>()
  const remote = memoised(options.remote)
  const household: Household = {
    options,
    hosted,
    place: memoised((name) => placeOf(options, remote, hosted, name)),
    origin: originsOf(options),
    enter: createEntrance(),
  }
  try {
    for (const module of modulesHere(options)) {
      hosted.set(module.contract.name, await hostModule(module, surroundingsOf(module, household)))
    }
  } catch (error) {
    await closeAll(hosted, 0)
    throw error
  }
  return assemble(household)
}

function assemble(household: Household): Host {
  const seam = createDispatch(household)
  let background: Background | undefined
  let edge: Edge | undefined
  const look = async () => (await Promise.all([...household.hosted.values()].map((host) => host.unready()))).flat()
  let looking: Promise<readonly string[]> | undefined
  return {
    seam,
    // The way in leads to every service. Who has none does not connect to those that its modules do not use.
    get edge() {
      return (edge ??= createEdge(household))
    },
    start() {
      background ??= startBackground(household, seam)
    },
    // Anybody may ask as often as they like, and each look may ask a database for each module: who comes meanwhile shares it.
    unready: () => (looking ??= look().finally(() => (looking = undefined))),
    metrics: () =>
      [...household.hosted].map(([module, { once, jobs }]) => {
        const { deliveries, reactions } = relayMetrics(background?.relays.get(module) ?? [])
        return { module, repeated: once.repeated, deliveries, reactions, jobs: jobs.map(({ name, counts }) => ({ job: name, ...counts })) }
      }),
    async close(options) {
      const until = now() + options.graceMs
      await background?.close(options)
      await closeAll(household.hosted, until - now())
    },
  }
}

function modulesHere({ topology, service }: HostOptions): readonly Module[] {
  return topology.modules.filter((module) => serviceOf(topology, module.contract.name)?.name === service)
}

function placeOf(options: HostOptions, remote: HostOptions["remote"], hosted: ReadonlyMap<string, HostedModule>, module: string): Place {
  const service = serviceOf(options.topology, module)?.name ?? options.service
  if (service !== options.service) return { kind: "remote", service, seam: remote(service) }
  return { kind: "inline", operation: (name) => hosted.get(module)?.operations.get(name) }
}

function surroundingsOf(module: Module, household: Household) {
  const { options } = household
  const clients = Object.entries(module.uses).map(([alias, contract]) => {
    return [alias, createPort(module.contract.name, contract, household.place(contract.name), household.origin)]
  })
  return {
    env: options.env,
    log: loggerFor(options.log, { module: module.contract.name }),
    clients: Object.fromEntries(clients),
    events: createEmitter(module.contract, (event) => subscribersOf(options.topology, module.contract.name, event)),
  }
}

function originsOf({ recorder, log }: HostOptions): Household["origin"] {
  const made = new Map<string, Origin>()
  return (contract, operation, as) => {
    const { module, spanName } = as ?? { module: contract, spanName: `${contract}.${operation}` }
    const key = `${module} ${spanName}`
    const existing = made.get(key)
    if (existing) return existing
    const attributes = { "rpc.system.name": "hanok", "rpc.method": `${contract}.${operation}` }
    const origin = { recorder, log, module, contract, operation, template: SpanTemplate.shared(spanName, attributes) }
    made.set(key, origin)
    return origin
  }
}

async function closeAll(hosted: ReadonlyMap<string, HostedModule>, graceMs: number): Promise<void> {
  await Promise.all([...hosted.values()].map((host) => host.close({ graceMs })))
}
