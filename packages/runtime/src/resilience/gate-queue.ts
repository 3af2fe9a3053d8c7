import type { Priority } from "@hanok/contract"
import type { Compartment, Visit } from "./gate.ts"

/** The most important first. */
const ranks: readonly Priority[] = ["high", "normal", "low"]
/** How much of the longest wait is left when the queue has not been empty for that long. */
const impatience = 0.2
/** A burst may be that large. */
const mostWaiting = 1_000

/** What there is room for at a gate. */
export interface Room {
  isFor(priority: Priority): boolean
  /** So many calls of one caller fill its part. */
  mostOfOne(): number
  /** Whether it has less than it has to itself. */
  isBehind(priority: Priority): boolean
}

/**
 * Calls that wait for room, a queue for each priority. It takes up a burst, but when it does not get empty it only makes
 * everybody late: then calls wait for a fifth of the time only (the controlled delay of Maurer, "Fail at Scale", ACM Queue, 2015).
 */
export class GateQueue {
  readonly #queues: Readonly<Record<Priority, Visit[]>> = { high: [], normal: [], low: [] }
  #length = 0
  #emptyAtMs = 0
  readonly #patientMs: number
  readonly #reserved: Readonly<Record<Priority, number>>

  /** A call may wait for `patientMs`, in milliseconds. `reserved` is the part of the places that each priority has to itself. */
  constructor(patientMs: number, reserved: Readonly<Record<Priority, number>>) {
    this.#patientMs = patientMs
    this.#reserved = reserved
  }

  get length(): number {
    return this.#length
  }

  /** Whether a call of that priority and that caller would have to go at once. */
  isFullFor(priority: Priority, compartment: Compartment, limit: number, nowMs: number, most: number): boolean {
    const longest = this.#longest(limit, nowMs)
    return this.#length >= longest && this.#placeFor(priority, compartment, longest, most) === undefined
  }

  /** When the queue is full: returns the one that has to go, which is another or the visit itself. `most` of one caller may be in. */
  add(visit: Visit, nowMs: number, limit: number, most: number): Visit | undefined {
    if (this.#length === 0) this.#emptyAtMs = nowMs
    const { operation, compartment } = visit
    const longest = this.#longest(limit, nowMs)
    const isFull = this.#length >= longest
    const displaced = isFull ? this.#placeFor(operation.priority, compartment, longest, most) : undefined
    if (isFull && !displaced) return visit
    if (displaced) this.delete(displaced)
    visit.gateAtMs = nowMs
    this.#queues[operation.priority].push(visit)
    this.#length += 1
    return displaced
  }

  /**
   * Of those that there is room for, one whose priority is behind with what it has to itself; else of the most important.
   * Among those the longest waiting.
   */
  take(room: Room): Visit | undefined {
    for (const rank of ranks) {
      const taken = room.isBehind(rank) ? this.#takeOf(rank, room) : undefined
      if (taken) return taken
    }
    for (const rank of ranks) {
      const taken = this.#takeOf(rank, room)
      if (taken) return taken
    }
    return undefined
  }

  /** Those that have waited too long, or whose callers wait no longer. */
  takeStale(nowMs: number): readonly Visit[] {
    if (this.#length === 0) return []
    const longestMs = this.#patientMs * (this.#isStanding(nowMs) ? impatience : 1)
    const isStale = ({ gateAtMs, deadlineMs }: Visit) => nowMs - gateAtMs > longestMs || nowMs > deadlineMs
    const stale = ranks.flatMap((rank) => this.#queues[rank].filter(isStale))
    for (const visit of stale) this.delete(visit)
    return stale
  }

  takeAll(): readonly Visit[] {
    this.#length = 0
    return ranks.flatMap((rank) => this.#queues[rank].splice(0))
  }

  delete(visit: Visit): void {
    const queue = this.#queues[visit.operation.priority]
    const index = queue.lastIndexOf(visit)
    if (index >= 0) this.#takeAt(queue, index)
  }

  /** It has not been empty for longer than a burst lasts. */
  #isStanding(nowMs: number): boolean {
    return this.#length > 0 && nowMs - this.#emptyAtMs > this.#patientMs
  }

  #longest(limit: number, nowMs: number): number {
    return this.#isStanding(nowMs) ? Math.max(16, limit) : mostWaiting
  }

  // In a full house nobody is looked for; otherwise it is seldom more than the first whose caller has room.
  #takeOf(rank: Priority, { isFor, mostOfOne }: Room): Visit | undefined {
    if (!isFor(rank)) return undefined
    const queue = this.#queues[rank]
    const most = mostOfOne()
    const index = queue.findIndex(({ compartment }) => compartment.inFlight < most)
    return index < 0 ? undefined : this.#takeAt(queue, index)
  }

  /** The one that makes place: one that is worth less, or one that could not begin yet for its caller fills its part already. */
  #placeFor(priority: Priority, compartment: Compartment, longest: number, most: number): Visit | undefined {
    const hasOwn = (rank: Priority) => this.#queues[rank].length < longest * this.#reserved[rank]
    const least = ranks.findLast((rank) => this.#queues[rank].length > longest * this.#reserved[rank])
    if (least && (hasOwn(priority) || ranks.indexOf(least) > ranks.indexOf(priority))) return this.#queues[least].at(-1)
    if (compartment.inFlight >= most || most === Number.POSITIVE_INFINITY) return undefined
    return this.#queues[priority].findLast((waiting) => waiting.compartment.inFlight >= most)
  }

  #takeAt(queue: Visit[], index: number): Visit | undefined {
    const [visit] = queue.splice(index, 1)
    this.#length -= 1
    return visit
  }
}
