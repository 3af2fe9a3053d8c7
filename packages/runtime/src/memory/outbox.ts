import type { Delivery, EventEnvelope, LeaseLimits, Outbox, ParkedDelivery, WhichParked } from "@hanok/contract"
import { now } from "../recorder/clock.ts"
import { SortedRows } from "./sorted-rows.ts"

/** As it is at one time; what happens to it makes another of it. */
interface Entry {
  readonly number: number
  readonly delivery: Delivery
  /** In whole milliseconds of the clock of `now`: a clock that is set back keeps nothing waiting. */
  readonly dueAt: number
  /** An earlier one of its key waits to be delivered. */
  readonly isBlocked: boolean
  /** Whoever leased it has not told how it went. */
  readonly isLeased: boolean
  readonly parked: { readonly error: string; readonly at: number } | undefined
}

export interface MemoryOutbox extends Outbox {
  /** Makes deliveries due, as one commit. */
  commit(appended: readonly (readonly [EventEnvelope, readonly string[]])[]): void
}

/** An outbox that lives as long as its process; order per key is the order of commits. */
export function createMemoryOutbox(): MemoryOutbox {
  const entries = new Entries()
  const listeners = new Set<() => void>()
  const appended = () => {
    for (const listener of listeners) listener()
  }

  return {
    commit(events) {
      for (const [envelope, subscribers] of events) for (const subscriber of subscribers) entries.add(envelope, subscriber)
      if (events.length > 0) appended()
    },
    onAppended(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    lease: async (limit, leaseMs, limits = {}) => entries.lease(limit, leaseMs, limits),
    async delivered(ids) {
      return ids.map((id) => entries.delete(id)).includes(true)
    },
    async failed(id, error, retryInMs) {
      const entry = entries.get(id)
      if (!entry || entry.parked) return
      const delivery = { ...entry.delivery, attempts: entry.delivery.attempts + 1 }
      if (retryInMs === undefined) entries.park({ ...entry, delivery }, error)
      else entries.put({ ...entry, delivery, isLeased: false, dueAt: presentMs() + retryInMs })
    },
    async postponed(id, retryInMs) {
      const entry = entries.get(id)
      if (entry) entries.put({ ...entry, isLeased: false, dueAt: presentMs() + retryInMs })
    },
    async begunAgain(id, leaseMs) {
      const entry = entries.get(id)
      if (!entry || entry.parked) return
      const delivery = { ...entry.delivery, attempts: entry.delivery.attempts + 1 }
      entries.put({ ...entry, delivery, dueAt: presentMs() + leaseMs })
    },
    async parked(limit) {
      return entries
        .parked()
        .sort((one, other) => one.parkedAt - other.parkedAt)
        .slice(0, limit)
    },
    async replay(which) {
      const ids = entries.parkedOf(which)
      for (const id of ids) entries.replay(id)
      if (ids.length > 0) appended()
      return ids.length
    },
    async discard(which) {
      const ids = entries.parkedOf(which)
      for (const id of ids) entries.delete(id)
      return ids.length
    },
  }
}

class Entries {
  readonly #byId = new Map<string, Entry>()
  /** An event and a subscriber each. */
  readonly #reactions = new Map<string, { readonly subscriber: string; readonly event: string }>()
  readonly #waiting = new SortedRows<Entry>(
    (entry) => (entry.parked || entry.isBlocked ? undefined : reactionOf(entry.delivery)),
    ({ dueAt, number }) => orderText(Math.ceil(dueAt)) + orderText(number),
  )
  /** The ids of those that are not parked, in order. */
  readonly #byKey = new Map<string, string[]>()
  /** The ids of those. */
  readonly #leased = new Set<string>()
  #count = 0

  get(id: string): Entry | undefined {
    return this.#byId.get(id)
  }

  add(envelope: EventEnvelope, subscriber: string): void {
    const number = ++this.#count
    const delivery = { id: String(number), subscriber, envelope, attempts: 0, abandoned: false }
    this.#reactions.set(reactionOf(delivery), { subscriber, event: envelope.event })
    const key = keyOf(delivery)
    const ids = key === undefined ? undefined : this.#byKey.get(key)
    if (key !== undefined && !ids) this.#byKey.set(key, [delivery.id])
    ids?.push(delivery.id)
    this.put({ number, delivery, dueAt: 0, isBlocked: ids !== undefined, isLeased: false, parked: undefined })
  }

  put(entry: Entry): void {
    const { id } = entry.delivery
    this.#waiting.put(id, entry, this.#byId.get(id))
    this.#byId.set(id, entry)
    if (entry.isLeased) this.#leased.add(id)
    else this.#leased.delete(id)
  }

  lease(limit: number, leaseMs: number, { except = [], reactions = [], withoutAbandoned = false }: LeaseLimits): readonly Delivery[] {
    const nowMs = presentMs()
    const limitOf = (subscriber: string, event: string) => {
      if (except.includes(subscriber)) return 0
      return Math.min(limit, reactions.find((each) => each.subscriber === subscriber && each.event === event)?.limit ?? limit)
    }
    const isAbandoned = ({ isLeased, isBlocked, parked, dueAt, delivery: { subscriber, envelope } }: Entry) =>
      isLeased && !isBlocked && !parked && dueAt <= nowMs && limitOf(subscriber, envelope.event) > 0
    const abandoned = withoutAbandoned ? [] : [...this.#leased].flatMap((id) => this.#byId.get(id) ?? []).filter(isAbandoned)
    const first = inOrder(abandoned).slice(0, 1)
    const due: Entry[] = []
    for (const [name, { subscriber, event }] of this.#reactions) {
      const left = limitOf(subscriber, event) - first.filter(({ delivery }) => reactionOf(delivery) === name).length
      due.push(...atMost(left, this.#waiting.ascending(name, orderText(nowMs + 1)), ({ isLeased }) => !isLeased))
    }
    const leased = [...first, ...inOrder(due)].slice(0, limit)
    for (const entry of leased) this.put({ ...entry, isLeased: true, dueAt: nowMs + leaseMs })
    return leased.map(givenOut)
  }

  /** Whether one that waited behind it may be due now. */
  delete(id: string): boolean {
    const entry = this.#byId.get(id)
    if (!entry) return false
    this.#waiting.delete(id, entry)
    this.#byId.delete(id)
    this.#leased.delete(id)
    return this.#leaveKey(entry)
  }

  park(entry: Entry, error: string): void {
    this.put({ ...entry, isLeased: false, parked: { error, at: Date.now() } })
    this.#leaveKey(entry)
  }

  parked(): ParkedDelivery[] {
    return [...this.#byId.values()].flatMap(({ delivery, parked }) =>
      parked ? [{ ...delivery, error: parked.error, parkedAt: parked.at }] : [],
    )
  }

  parkedOf(which: WhichParked): readonly string[] {
    return [...(which === "all" ? this.#byId.keys() : new Set(which))].filter((id) => this.#byId.get(id)?.parked)
  }

  replay(id: string): void {
    const entry = this.#byId.get(id)
    if (!entry) return
    this.put({ ...entry, delivery: { ...entry.delivery, attempts: 0 }, dueAt: 0, isBlocked: false, parked: undefined })
    const key = keyOf(entry.delivery)
    if (key === undefined) return
    const ids = [...(this.#byKey.get(key) ?? []), id].sort((one, other) => Number(one) - Number(other))
    this.#byKey.set(key, ids)
    for (const [place, each] of ids.entries()) this.#block(each, place > 0)
  }

  #leaveKey({ delivery, parked }: Entry): boolean {
    const key = keyOf(delivery)
    const ids = key === undefined || parked ? undefined : this.#byKey.get(key)
    if (key === undefined || !ids) return false
    ids.splice(ids.indexOf(delivery.id), 1)
    if (ids.length === 0) this.#byKey.delete(key)
    return this.#block(ids[0], false)
  }

  /** Whether that is new of it. */
  #block(id: string | undefined, isBlocked: boolean): boolean {
    const entry = id === undefined ? undefined : this.#byId.get(id)
    if (!entry || entry.isBlocked === isBlocked) return false
    this.put({ ...entry, isBlocked })
    return true
  }
}

/** As it was before it was leased. */
function givenOut({ delivery, isLeased }: Entry): Delivery {
  return isLeased ? { ...delivery, abandoned: true } : delivery
}

function inOrder(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((one, other) => one.dueAt - other.dueAt || one.number - other.number)
}

function atMost<Item>(count: number, items: Iterable<Item>, fits: (item: Item) => boolean): readonly Item[] {
  const found: Item[] = []
  if (count <= 0) return found
  for (const item of items) {
    if (fits(item)) found.push(item)
    if (found.length >= count) break
  }
  return found
}

function reactionOf({ subscriber, envelope }: Delivery): string {
  return `${subscriber} ${envelope.event}`
}

function keyOf({ subscriber, envelope }: Delivery): string | undefined {
  return envelope.orderingKey === undefined ? undefined : `${subscriber} ${envelope.orderingKey}`
}

function presentMs(): number {
  return Math.floor(now())
}

function orderText(number: number): string {
  return String(number).padStart(16, "0")
}
