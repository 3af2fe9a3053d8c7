/** When a service gets more replicas, and when fewer. The same intent is behind a Kubernetes HorizontalPodAutoscaler. */
export interface ScalingSettings {
  readonly min: number
  readonly max: number
  /** How busy a replica should be: above it there is no room for a surge, far below it there are too many. 0 to 1. */
  readonly target: number
  /** Fewer replicas must stay below the target by that share of it, so that a load near the edge does not go to and fro. 0 to 1. */
  readonly slack: number
  /** How long there must have been too few before more are started. */
  readonly outAfterMs: number
  /** How long there must have been too many before one leaves. */
  readonly inAfterMs: number
}

/** For a machine on which a replica starts within a second. */
export const defaultScaling = { target: 0.65, slack: 0.2, outAfterMs: 3_000, inAfterMs: 30_000 } as const

/** What a service had to do at one moment. */
export interface DemandSample {
  readonly atMs: number
  /** The sum of how busy its replicas are: 2.4 keeps two and a half of them fully busy. */
  readonly demand: number
}

/**
 * How many replicas a service should have that has `current`, by what it had to do of late (oldest sample first).
 * All samples of the last `outAfterMs` must ask for more, and as many as the least of them asks for are started; all of
 * the last `inAfterMs` must have room for fewer, and then one leaves. Always within `min` and `max`; a greater demand never
 * gives fewer replicas; for a demand that stays the same it comes to rest.
 */
export function desiredReplicas(history: readonly DemandSample[], current: number, settings: ScalingSettings): number {
  const limited = within(current, settings)
  if (limited !== current) return limited
  const out = since(history, settings.outAfterMs).map(({ demand }) => needed(demand, settings.target))
  const more = out.length > 0 ? within(Math.min(...out), settings) : current
  if (more > current) return more
  const target = settings.target * (1 - settings.slack)
  const fewer = since(history, settings.inAfterMs).map(({ demand }) => needed(demand, target))
  return fewer.length > 0 && within(Math.max(...fewer), settings) < current ? current - 1 : current
}

/** The samples of a window, or none when the history does not reach so far back. */
function since(history: readonly DemandSample[], windowMs: number): readonly DemandSample[] {
  const [first, last] = [history[0], history.at(-1)]
  if (!first || !last || last.atMs - first.atMs < windowMs) return []
  return history.filter(({ atMs }) => atMs >= last.atMs - windowMs)
}

// A hair's breadth above a whole number is rounding, not load.
const tolerance = 1e-9

function needed(demand: number, target: number): number {
  return Math.ceil(demand / target - tolerance)
}

function within(count: number, { min, max }: ScalingSettings): number {
  return Math.min(max, Math.max(min, count))
}
