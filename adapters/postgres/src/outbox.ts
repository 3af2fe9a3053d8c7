import type { Delivery, EventEnvelope, Outbox, ParkedDelivery } from "@hanok/contract"
import { quickly } from "./ask.ts"
import type { Ask } from "./ask.ts"
import { withoutZero } from "./connection/text.ts"
import { ofParked } from "./parked.ts"

export interface NotifyingOutbox extends Outbox {
  /** Tells the listeners that a commit has brought events. */
  appended(): void
}

type Row = Readonly<Record<string, unknown>>

/**
 * A module's outbox, in its own schema. Relays of several replicas take different rows. How order is kept is told at `outboxTable`.
 */
export function createOutbox(ask: Ask): NotifyingOutbox {
  const listeners = new Set<() => void>()
  const appended = () => {
    for (const listener of listeners) listener()
  }
  return {
    appended,
    onAppended(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async lease(limit, leaseMs, { except = [], reactions = [], withoutAbandoned = false } = {}) {
      const subscribers = reactions.map(({ subscriber }) => subscriber)
      const events = reactions.map(({ event }) => event)
      const limits = reactions.map((reaction) => reaction.limit)
      const rows = await ask(leaseText, [limit, leaseMs, except, subscribers, events, limits, !withoutAbandoned])
      return rows.map(deliveryOf).sort((one, other) => Number(one.id) - Number(other.id))
    },
    async delivered(ids) {
      if (ids.length === 0) return false
      const [answer] = await ask(deliveredText, [ids])
      return answer?.["unblocked"] === true
    },
    async failed(id, error, retryInMs) {
      await (retryInMs === undefined ? ask(parkText, [id, withoutZero(error)]) : ask(retryText, [id, retryInMs]))
    },
    async postponed(id, retryInMs) {
      await ask(postponeText, [id, retryInMs])
    },
    async begunAgain(id, leaseMs) {
      await ask(beginAgainText, [id, leaseMs])
    },
    async parked(limit) {
      return (await ask(parkedText, [limit])).map(parkedOf)
    },
    async replay(which) {
      const count = await ofParked(ask, which, replayText)
      if (count > 0) appended()
      return count
    },
    discard: (which) => ofParked(ask, which, discardText),
  }
}

const leaseText = "select id::text, subscriber, envelope, attempts, abandoned from hanok_outbox_lease($1, $2, $3, $4, $5, $6, $7)"
const deliveredText = "select hanok_outbox_delivered($1::bigint[]) as unblocked"
const retryText = `select hanok_outbox_retry($1::bigint, $2::float8, 1) from ${quickly}`
const postponeText = `select hanok_outbox_retry($1::bigint, $2::float8, 0) from ${quickly}`
const beginAgainText = `select hanok_outbox_begin_again($1::bigint, $2::float8) from ${quickly}`
const parkText = `select hanok_outbox_park($1::bigint, $2) from ${quickly}`
const parkedText = `select id::text, subscriber, envelope, attempts, error, extract(epoch from parked_at)::float8 * 1000 as parked_at
  from hanok_outbox where hanok_outbox.parked_at is not null order by hanok_outbox.parked_at, hanok_outbox.id limit $1`
const replayText = "select hanok_outbox_replay_many($1::bigint[]) as count"
// Nobody waits behind those that are parked: no key has to be locked.
const discardText = `with gone as (delete from hanok_outbox where id = any($1::bigint[]) and parked_at is not null returning 1)
  select count(*) as count from gone`

// The columns' types are those of the table; the envelope is what `append` was given, without what was undefined.
function deliveryOf(row: Row): Delivery {
  const envelope = row["envelope"] as Omit<EventEnvelope, "orderingKey"> & { readonly orderingKey?: string }
  return {
    id: String(row["id"]),
    subscriber: String(row["subscriber"]),
    envelope: { ...envelope, orderingKey: envelope.orderingKey },
    attempts: Number(row["attempts"]),
    abandoned: row["abandoned"] === true,
  }
}

function parkedOf(row: Row): ParkedDelivery {
  return { ...deliveryOf(row), error: String(row["error"]), parkedAt: Math.floor(Number(row["parked_at"])) }
}
