import type { ReactionMetrics } from "./reaction-pace.ts"
import type { DeliveryCounts, Relay } from "./relay.ts"

export interface RelayMetrics {
  /** Undefined where there is no relay. */
  readonly deliveries: Readonly<DeliveryCounts> | undefined
  readonly reactions: readonly ReactionMetrics[]
}

/** Of all relays of a module together: it has one for each of its stores. */
export function relayMetrics(relays: readonly Relay[]): RelayMetrics {
  const counts = relays.map((relay) => relay.counts)
  return {
    deliveries: counts.length === 0 ? undefined : counts.reduce(sumOf),
    reactions: relays.map((relay) => relay.reactions()).reduce(together, []),
  }
}

function sumOf(one: Readonly<DeliveryCounts>, other: Readonly<DeliveryCounts>): DeliveryCounts {
  return {
    delivered: one.delivered + other.delivered,
    failed: one.failed + other.failed,
    postponed: one.postponed + other.postponed,
    parked: one.parked + other.parked,
  }
}

// An event may have been written with either store.
function together(some: readonly ReactionMetrics[], others: readonly ReactionMetrics[]): readonly ReactionMetrics[] {
  const isSame = (one: ReactionMetrics) => (other: ReactionMetrics) => one.subscriber === other.subscriber && one.event === other.event
  const joined = some.map((one) => {
    const other = others.find(isSame(one))
    return other ? { ...one, limit: one.limit + other.limit, lagMs: Math.max(one.lagMs, other.lagMs) } : one
  })
  return [...joined, ...others.filter((other) => !some.some(isSame(other)))]
}
