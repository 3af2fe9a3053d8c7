import type { TraceContext } from "./context.ts"
import type { Json } from "./schema.ts"

/** An event on its way. `id` is the same for all its deliveries and repetitions. */
export interface EventEnvelope {
  readonly id: string
  /** The emitting contract and its event. */
  readonly contract: string
  readonly event: string
  readonly payload: Json
  /** Events with equal `orderingKey` reach a subscriber in the order of their commits. */
  readonly orderingKey: string | undefined
  /** Milliseconds since the epoch. */
  readonly occurredAt: number
  /** The span that emitted it. */
  readonly trace: TraceContext
}

/** Within a transaction: the way out for events. */
export interface OutboxWriter {
  /** One delivery is written for each subscriber (a module's name). */
  append(envelope: EventEnvelope, subscribers: readonly string[]): Promise<void>
}

/** One event for one subscriber. */
export interface Delivery {
  readonly id: string
  readonly subscriber: string
  readonly envelope: EventEnvelope
  /** How often it has been tried before. */
  readonly attempts: number
  /** Its lease has run out, since the process in which it was under way ended: how that try went is not known. */
  readonly abandoned: boolean
}

/** A delivery that was given up after its last try. */
export interface ParkedDelivery extends Delivery {
  readonly error: string
  /** Milliseconds since the epoch. */
  readonly parkedAt: number
}

/** Those of these ids, or all that are parked when it begins. */
export type WhichParked = readonly string[] | "all"

/** At most so many deliveries of an event to a subscriber. */
export interface ReactionLimit {
  readonly subscriber: string
  readonly event: string
  readonly limit: number
}

/** What is not to be leased, though it is due. */
export interface LeaseLimits {
  /** Subscribers for which nothing is. */
  readonly except?: readonly string[]
  /** Those that are not named have no limit of their own. */
  readonly reactions?: readonly ReactionLimit[]
  /** None that was abandoned; at most one of those when not given. */
  readonly withoutAbandoned?: boolean
}

/**
 * A module's outgoing events, as the relay sees them. Safe for many relays at once:
 * a leased delivery is given to no other until the lease ends.
 */
export interface Outbox {
  /** Calls back after a local commit that appended events. Returns how to stop. */
  onAppended(listener: () => void): () => void
  /** At most `limit` deliveries that are due, none whose key has an earlier one undelivered. What is kept back costs nothing, however much it is. */
  lease(limit: number, leaseMs: number, limits?: LeaseLimits): Promise<readonly Delivery[]>
  /** Forgets them; resolves to whether others, which waited behind them, may be due now. */
  delivered(deliveryIds: readonly string[]): Promise<boolean>
  /** Tries again after `retryInMs`; parks it when that is `undefined`. Its attempts are one more then. */
  failed(deliveryId: string, error: string, retryInMs: number | undefined): Promise<void>
  /** Tries again after `retryInMs`, for a reason that says nothing against the event: its attempts stay as they are. */
  postponed(deliveryId: string, retryInMs: number): Promise<void>
  /** Counts the try that was abandoned, and leases the delivery anew. */
  begunAgain(deliveryId: string, leaseMs: number): Promise<void>
  /** Longest parked first. */
  parked(limit: number): Promise<readonly ParkedDelivery[]>
  /** Makes parked deliveries due again, as if for the first time. Resolves to how many were parked. */
  replay(which: WhichParked): Promise<number>
  /** Forgets parked deliveries for good. Resolves to how many were parked. */
  discard(which: WhichParked): Promise<number>
}
