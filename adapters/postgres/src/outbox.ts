import type { Delivery, EventEnvelope, Outbox, ParkedDelivery } from "@hanok/contract"
import type { Ask } from "./ask.ts"

export interface NotifyingOutbox extends Outbox {
  /** Tells the listeners that a commit has brought events. */
  appended(): void
}

type Row = Readonly<Record<string, unknown>>

/**
 * A module's outbox, in its own schema: a row for each event and subscriber. Numbers are in the order of commits within a key,
 * so the lowest one of a key is the one that is due. Relays of several replicas take different rows.
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
    async lease(limit, leaseMs) {
      const rows = await ask(leaseText, [limit, leaseMs])
      return rows.map(deliveryOf).sort((one, other) => Number(one.id) - Number(other.id))
    },
    async delivered(ids) {
      if (ids.length > 0) await ask(deliveredText, [ids])
    },
    async failed(id, error, retryInMs) {
      await (retryInMs === undefined ? ask(parkText, [id, error]) : ask(retryText, [id, retryInMs]))
    },
    async parked(limit) {
      return (await ask(parkedText, [limit])).map(parkedOf)
    },
    async replay(id) {
      if (!/^\d{1,18}$/.test(id)) return false
      const replayed = await ask(replayText, [id])
      if (replayed.length > 0) appended()
      return replayed.length > 0
    },
  }
}

const quickly = "(select set_config('synchronous_commit', 'off', true)) as quickly"

const leaseText = `with due as materialized (
    select id from hanok_outbox as candidate
    where parked_at is null and due_at <= clock_timestamp() and leased_until <= clock_timestamp()
      and (ordering_key is null or not exists (
        select from hanok_outbox as earlier
        where earlier.subscriber = candidate.subscriber and earlier.ordering_key = candidate.ordering_key
          and earlier.id < candidate.id and earlier.parked_at is null))
    order by id limit $1 for update skip locked)
  update hanok_outbox as delivery set leased_until = clock_timestamp() + $2::float8 * interval '1 millisecond'
  from due, ${quickly} where delivery.id = due.id
  returning delivery.id::text, subscriber, envelope, attempts`
const deliveredText = `delete from hanok_outbox using ${quickly} where id = any($1::bigint[])`
const retryText = `update hanok_outbox set attempts = attempts + 1, leased_until = '-infinity',
  due_at = clock_timestamp() + $2::float8 * interval '1 millisecond' where id = $1`
const parkText = `update hanok_outbox set attempts = attempts + 1, leased_until = '-infinity', parked_at = clock_timestamp(), error = $2 where id = $1`
const parkedText = `select id::text, subscriber, envelope, attempts, error, extract(epoch from parked_at)::float8 * 1000 as parked_at
  from hanok_outbox where parked_at is not null order by hanok_outbox.parked_at, id limit $1`
const replayText = `update hanok_outbox set attempts = 0, leased_until = '-infinity', due_at = '-infinity', parked_at = null, error = null
  where id = $1 and parked_at is not null returning 1 as replayed`

// The columns' types are those of the table; the envelope is what `append` was given, without what was undefined.
function deliveryOf(row: Row): Delivery {
  const envelope = row["envelope"] as Omit<EventEnvelope, "orderingKey"> & { readonly orderingKey?: string }
  return {
    id: String(row["id"]),
    subscriber: String(row["subscriber"]),
    envelope: { ...envelope, orderingKey: envelope.orderingKey },
    attempts: Number(row["attempts"]),
  }
}

function parkedOf(row: Row): ParkedDelivery {
  return { ...deliveryOf(row), error: String(row["error"]), parkedAt: Math.floor(Number(row["parked_at"])) }
}
