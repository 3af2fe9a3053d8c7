import type { EventEnvelope } from "@hanok/contract"
import type { Session } from "../connection/session.ts"
import { keyText } from "../connection/text.ts"

/** An event that waits for its transaction to commit. */
export interface AppendedEvent {
  readonly envelope: EventEnvelope
  /** At least one. */
  readonly subscribers: readonly string[]
}

/** For a script: one row in the outbox for each event and subscriber, in this order. See `outboxTable`. */
export function insertEvents(session: Session, events: readonly AppendedEvent[]): string {
  const rows = events.flatMap(({ envelope, subscribers }) => subscribers.map((subscriber) => ({ envelope, subscriber })))
  const subscribers = rows.map(({ subscriber }) => session.literal(subscriber))
  const keys = rows.map(({ envelope: { orderingKey } }) => (orderingKey === undefined ? "null" : session.literal(keyText(orderingKey))))
  const names = rows.map(({ envelope: { event } }) => session.literal(event))
  const envelopes = rows.map(({ envelope }) => session.literal(textOf(envelope)))
  const arrays = [subscribers, keys, names, envelopes].map((items) => `array[${items.join(", ")}]::text[]`)
  return `select hanok_outbox_append(${arrays.join(", ")})`
}

/** The same with its values left out. */
export const insertEventsShown = "select hanok_outbox_append(?, ?, ?, ?)"

// Field by field: a trace may have its ids as getters, which JSON would leave out.
function textOf({ trace: { traceId, spanId }, ...rest }: EventEnvelope): string {
  return JSON.stringify({ ...rest, trace: { traceId, spanId } })
}
