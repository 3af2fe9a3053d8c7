import type { FaultCode } from "@hanok/contract"
import type { ReactionMetrics } from "../events/reaction-pace.ts"
import type { DeliveryCounts } from "../events/relay.ts"
import type { JobCounts } from "../host/hosted-module.ts"
import { now } from "../recorder/clock.ts"
import type { BreakerState } from "./breaker.ts"
import type { Gate, GateCounts } from "./gate.ts"
import type { ReplicaHealth } from "./replica-health.ts"
import type { SeamState } from "./seam-state.ts"
import type { GateLoad, ServiceLoad } from "./service-load.ts"

/** What a process has seen of overload and failures: its own, and that of the services it calls. Counts are since its start. */
export interface ServiceMetrics {
  readonly load: ServiceLoad
  /** Spans recorded but not exported: no room, or no receiver. */
  readonly spansDropped: number
  /** Lines of log that were not written: nobody read them, or there was no room on the disk. */
  readonly logLinesDropped: number
  /** Connections of other services from which no more is read, because they do not take their answers. */
  readonly connectionsHeld: number
  readonly gates: readonly GateMetrics[]
  readonly modules: readonly ModuleMetrics[]
  /** Those that have been used. */
  readonly seams: readonly SeamMetrics[]
  readonly replicas: readonly ReplicaMetrics[]
}

/** A way in: `seam` for other services, `gateway` for the outside. */
export interface GateMetrics extends GateLoad, Readonly<GateCounts> {
  readonly gate: string
  /** By who calls, at the gateway by the module that is called: calls of theirs that are being carried out. */
  readonly compartments: Readonly<Record<string, number>>
}

/** A module in this process. */
export interface ModuleMetrics {
  readonly module: string
  /** Commands and events that came again after they were done, and were answered with what had come of them. */
  readonly repeated: number
  /** What became of its events, one for each subscriber; undefined when it tells of none from here. */
  readonly deliveries: Readonly<DeliveryCounts> | undefined
  /** To its events, by event and subscriber. */
  readonly reactions: readonly ReactionMetrics[]
  /** What has become of the runs of its jobs in this process. */
  readonly jobs: readonly (Readonly<JobCounts> & { readonly job: string })[]
}

/** A module that calls, and the contract that it calls. */
export interface SeamMetrics {
  readonly caller: string
  readonly contract: string
  readonly service: string
  readonly calls: number
  /** Calls that ended with a fault, by its code; refusals are answers. */
  readonly failures: Readonly<Partial<Record<FaultCode, number>>>
  /** Calls of others that came here for a module which lives there. */
  readonly passedOn: number
  /** How often a call, or a repetition of one, found no replica and waited for one. */
  readonly waited: number
  readonly retries: number
  readonly hedges: number
  readonly hedgesWon: number
  /** Retries and hedges not made, because too many were made already. */
  readonly overBudget: number
  /** Calls failed at once, because every breaker was open. */
  readonly stoppedByBreaker: number
  /** Retries that could be made at once. */
  readonly budgetLeft: number
  readonly breakers: Readonly<Record<string, BreakerState>>
}

/** A replica of a service that is called. */
export interface ReplicaMetrics {
  readonly service: string
  /** `host:port`. */
  readonly replica: string
  readonly isReady: boolean
  readonly isEjected: boolean
  readonly inFlight: number
  /** Smoothed, as the balancer uses it. */
  readonly latencyMs: number
  /** Of the last ten seconds. */
  readonly recentCalls: number
  readonly recentFailures: number
}

/** A service that is called. */
interface CalledService {
  readonly service: string
  readonly states: readonly SeamState[]
  readonly replicas: readonly {
    readonly name: string
    readonly connection: unknown
    readonly load: number
    readonly health: ReplicaHealth
  }[]
}

export interface MetricsSources extends Omit<ServiceMetrics, "gates" | "seams" | "replicas"> {
  readonly gates: Readonly<Record<string, Gate>>
  readonly services: readonly CalledService[]
}

export function collectMetrics({ gates, services, ...process }: MetricsSources): ServiceMetrics {
  const nowMs = now()
  return {
    ...process,
    gates: Object.entries(gates).map(([name, gate]) => gateMetrics(name, gate)),
    seams: services.flatMap(({ service, states }) =>
      states.filter(({ calls }) => calls > 0).map((state) => seamMetrics(service, state, nowMs)),
    ),
    replicas: services.flatMap((called) => replicaMetrics(called, nowMs)),
  }
}

function gateMetrics(gate: string, { load, counts, compartments }: Gate): GateMetrics {
  const inFlight = Object.fromEntries(compartments.map((compartment) => [compartment.name, compartment.inFlight]))
  return { gate, ...load, ...counts, shed: { ...counts.shed }, compartments: inFlight }
}

function seamMetrics(service: string, state: SeamState, nowMs: number): SeamMetrics {
  const { budget, failures, ...counts } = state
  return {
    ...counts,
    service,
    failures: Object.fromEntries(failures),
    budgetLeft: budget.left(nowMs),
    breakers: Object.fromEntries([...state.breakers].map(([replica, breaker]) => [replica, breaker.state(nowMs)])),
  }
}

function replicaMetrics({ service, replicas }: CalledService, nowMs: number): readonly ReplicaMetrics[] {
  return replicas.map(({ name, connection, load, health }) => ({
    service,
    replica: name,
    isReady: connection !== undefined,
    isEjected: health.isEjected(nowMs),
    inFlight: load,
    latencyMs: health.latency.current(nowMs),
    recentCalls: health.window.calls(nowMs),
    recentFailures: health.window.failures(nowMs),
  }))
}
