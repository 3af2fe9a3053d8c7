import { desiredReplicas } from "./desired-replicas.ts"
import type { DemandSample, ScalingSettings } from "./desired-replicas.ts"
import type { ReplicaLoad } from "./message.ts"

/** A service that may be scaled, as the autoscaler sees it. */
export interface ScaledService {
  readonly name: string
  readonly replicas: { readonly min: number; readonly max: number }
  /** Of each replica what it last told; undefined for one that is starting. */
  readonly loads: readonly (ReplicaLoad | undefined)[]
}

export interface AutoscalerOptions {
  readonly settings: Omit<ScalingSettings, "min" | "max">
  /** The services as they are now. */
  services(): readonly ScaledService[]
  /** Makes it so many replicas. */
  scale(service: string, count: number, reason: string): void
}

const everyMs = 500
/** So long after the last look this process was stopped, or its machine slept. */
const gapMs = 4 * everyMs
/** Timers that are so late on average mean that a replica does no more than it can. */
const longestDelayMs = 100
/** Work that waits counts, but not without end: nobody knows how much of it will still be wanted. */
const busiest = 2

/** Looks at the load of services twice a second, and scales them between their limits. */
export function createAutoscaler(options: AutoscalerOptions): { close(): void } {
  const histories = new Map<string, readonly DemandSample[]>()
  let lookedAtMs = performance.now()
  const timer = setInterval(() => {
    const services = options.services()
    const hasGap = performance.now() - lookedAtMs > gapMs
    lookedAtMs = performance.now()
    // What is not looked at for a while begins anew: one look after a gap must not count for all of the gap.
    for (const name of histories.keys()) if (hasGap || !services.some((service) => service.name === name)) histories.delete(name)
    for (const service of services) look(options, histories, service)
  }, everyMs)
  timer.unref()
  return { close: () => clearInterval(timer) }
}

function look({ settings, scale }: AutoscalerOptions, histories: Map<string, readonly DemandSample[]>, service: ScaledService): void {
  const { name, replicas, loads } = service
  const demand = loads.reduce((sum, load) => sum + (load ? busyness(load) : 0), 0)
  const atMs = performance.now()
  const history = [...(histories.get(name) ?? []), { atMs, demand }]
  const count = desiredReplicas(history, loads.length, { ...settings, ...replicas })
  if (count === loads.length) return void histories.set(name, recent(history, settings))
  // What was measured was measured of another number; the new one is to be judged by what it does.
  histories.delete(name)
  scale(name, count, reasonOf(demand, loads.length, settings.target, count))
}

/** How busy a replica is: 1 does all that it can. */
export function busyness({ inFlight, queued, limit, eventLoopUtilisation, eventLoopDelayMs, utilisation }: ReplicaLoad): number {
  const waiting = limit > 0 ? (inFlight + queued) / limit : 0
  return Math.min(busiest, Math.max(eventLoopUtilisation, utilisation, queued > 0 ? waiting : 0, eventLoopDelayMs / longestDelayMs))
}

function recent(history: readonly DemandSample[], { outAfterMs, inAfterMs }: AutoscalerOptions["settings"]): readonly DemandSample[] {
  const from = performance.now() - Math.max(outAfterMs, inAfterMs) - 2 * everyMs
  return history.filter(({ atMs }) => atMs >= from)
}

function reasonOf(demand: number, current: number, target: number, count: number): string {
  const busy = Math.round((demand / current) * 100)
  return `${count > current ? "scaled out" : "scaled in"} to ${count}: ${busy} % busy, ${Math.round(target * 100)} % is the aim`
}
