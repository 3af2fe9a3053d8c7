import type { EventEnvelope } from "@hanok/contract"
import type { Session } from "../connection/session.ts"

/** An event that waits for its transaction to commit. */
export interface AppendedEvent {
  readonly envelope: EventEnvelope
  /** At least one. */
  readonly subscribers: readonly string[]
}

/**
 * For a script: one row for each subscriber. Rows get their numbers, by which they are delivered, as they are written. So that
 * the numbers of one ordering key are in the order of commits, transactions with the same key wait here for each other to end;
 * keys are taken in one order by all, so that they never wait in a circle.
 */
export function insertEvents(session: Session, schema: string, events: readonly AppendedEvent[]): readonly string[] {
  if (events.length === 0) return []
  const rows = events.flatMap(({ envelope, subscribers }) => subscribers.map((subscriber) => rowOf(session, envelope, subscriber)))
  const keys = new Set(events.flatMap(({ envelope }) => envelope.orderingKey ?? []))
  const locks = [...keys].sort().map((key) => `select pg_advisory_xact_lock(hashtextextended(${session.literal(`${schema} ${key}`)}, 0))`)
  return [...locks, `insert into hanok_outbox (subscriber, ordering_key, envelope) values ${rows.join(", ")}`]
}

/** The same with its values left out. */
export const insertEventsShown = "insert into hanok_outbox (subscriber, ordering_key, envelope) values (?, ?, ?)"

function rowOf(session: Session, envelope: EventEnvelope, subscriber: string): string {
  const key = envelope.orderingKey === undefined ? "null" : session.literal(envelope.orderingKey)
  return `(${session.literal(subscriber)}, ${key}, ${session.literal(textOf(envelope))})`
}

// Field by field: a trace may have its ids as getters, which JSON would leave out.
function textOf({ trace: { traceId, spanId }, ...rest }: EventEnvelope): string {
  return JSON.stringify({ ...rest, trace: { traceId, spanId } })
}
