import type { Delivery, EventEnvelope, Outbox, ParkedDelivery } from "@hanok/contract"

interface Entry {
  readonly delivery: Delivery
  attempts: number
  dueAt: number
  leasedUntil: number
  parked: { readonly error: string; readonly at: number } | undefined
}

export interface MemoryOutbox extends Outbox {
  /** Makes deliveries due, as one commit. */
  commit(appended: readonly (readonly [EventEnvelope, readonly string[]])[]): void
}

/** An outbox that lives as long as its process; order per key is the order of commits. */
export function createMemoryOutbox(): MemoryOutbox {
  const entries = new Map<string, Entry>()
  const listeners = new Set<() => void>()
  let count = 0

  function add(envelope: EventEnvelope, subscriber: string): void {
    const id = String(++count)
    entries.set(id, { delivery: { id, subscriber, envelope, attempts: 0 }, attempts: 0, dueAt: 0, leasedUntil: 0, parked: undefined })
  }

  return {
    commit(appended) {
      for (const [envelope, subscribers] of appended) for (const subscriber of subscribers) add(envelope, subscriber)
      if (appended.length > 0) for (const listener of listeners) listener()
    },
    onAppended(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    lease: async (limit, leaseMs, except = []) => lease(entries.values(), limit, leaseMs, except),
    async delivered(ids) {
      for (const id of ids) entries.delete(id)
      return entries.size > 0
    },
    async failed(id, error, retryInMs) {
      const entry = entries.get(id)
      if (!entry) return
      entry.attempts++
      entry.leasedUntil = 0
      if (retryInMs === undefined) entry.parked = { error, at: Date.now() }
      else entry.dueAt = Date.now() + retryInMs
    },
    async postponed(id, retryInMs) {
      const entry = entries.get(id)
      if (entry) Object.assign(entry, { leasedUntil: 0, dueAt: Date.now() + retryInMs })
    },
    async parked(limit) {
      const all = [...entries.values()].flatMap(parkedOf)
      return all.sort((one, other) => one.parkedAt - other.parkedAt).slice(0, limit)
    },
    async replay(id) {
      const entry = entries.get(id)
      if (!entry?.parked) return false
      Object.assign(entry, { parked: undefined, attempts: 0, dueAt: 0 })
      for (const listener of listeners) listener()
      return true
    },
  }
}

function lease(entries: Iterable<Entry>, limit: number, leaseMs: number, except: readonly string[]): readonly Delivery[] {
  const now = Date.now()
  const blocked = new Set<string>()
  const due: Entry[] = []
  for (const entry of entries) {
    if (due.length === limit) break
    if (entry.parked || except.includes(entry.delivery.subscriber)) continue
    const key = orderOf(entry.delivery)
    if (key !== undefined && blocked.has(key)) continue
    if (key !== undefined) blocked.add(key)
    if (entry.leasedUntil <= now && entry.dueAt <= now) due.push(entry)
  }
  for (const entry of due) entry.leasedUntil = now + leaseMs
  return due.map((entry) => withAttempts(entry))
}

function withAttempts(entry: Entry): Delivery {
  return { ...entry.delivery, attempts: entry.attempts }
}

function orderOf({ subscriber, envelope }: Delivery): string | undefined {
  return envelope.orderingKey === undefined ? undefined : `${subscriber} ${envelope.orderingKey}`
}

function parkedOf(entry: Entry): readonly ParkedDelivery[] {
  return entry.parked ? [{ ...withAttempts(entry), error: entry.parked.error, parkedAt: entry.parked.at }] : []
}
