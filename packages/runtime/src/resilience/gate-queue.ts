import type { Priority } from "@hanok/contract"
import { FairQueue } from "./fair-queue.ts"
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
  /** So many calls of one caller fill its part, where another one of that priority would begin. */
  mostOfOne(priority: Priority): number
  /** Whether it has less than it has to itself. */
  isBehind(priority: Priority): boolean
}

/**
 * Calls that wait for room, a queue for each priority. It takes up a burst, but when it does not get empty it only makes
 * everybody late: then calls wait for a fifth of the time only (the controlled delay of Maurer, "Fail at Scale", ACM Queue, 2015).
 */
export class GateQueue {
  readonly #queues: Readonly<Record<Priority, FairQueue>> = { high: new FairQueue(), normal: new FairQueue(), low: new FairQueue() }
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

  /** Whether no call of that caller is under way, nor waits. */
  hasNoneOf(compartment: Compartment): boolean {
    return ranks.every((rank) => this.#queues[rank].callsOf(compartment) === 0)
  }

  /** Whether a call of that priority and that caller would have to go at once. */
  isFullFor(priority: Priority, compartment: Compartment, limit: number, nowMs: number): boolean {
    const longest = this.#longest(limit, nowMs)
    return this.#length >= longest && this.#placeFor(priority, compartment, longest) === undefined
  }

  /** When the queue is full: returns the one that has to go, which is another or the visit itself. */
  add(visit: Visit, nowMs: number, limit: number): Visit | undefined {
    if (this.#length === 0) this.#emptyAtMs = nowMs
    const { operation, compartment } = visit
    const longest = this.#longest(limit, nowMs)
    const isFull = this.#length >= longest
    const displaced = isFull ? this.#placeFor(operation.priority, compartment, longest) : undefined
    if (isFull && !displaced) return visit
    if (displaced) this.delete(displaced)
    visit.gateAtMs = nowMs
    this.#queues[operation.priority].push(visit)
    this.#length += 1
    return displaced
  }

  /**
   * Of those that there is room for, one whose priority is behind with what it has to itself; else of the most important.
   * Among those callers take turns.
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
    const stale = this.#all().filter(isStale)
    for (const visit of stale) this.delete(visit)
    return stale
  }

  takeAll(): readonly Visit[] {
    const all = this.#all()
    for (const visit of all) this.delete(visit)
    return all
  }

  delete(visit: Visit): void {
    if (this.#queues[visit.operation.priority].delete(visit)) this.#length -= 1
  }

  /** It has not been empty for longer than a burst lasts. */
  #isStanding(nowMs: number): boolean {
    return this.#length > 0 && nowMs - this.#emptyAtMs > this.#patientMs
  }

  #longest(limit: number, nowMs: number): number {
    return this.#isStanding(nowMs) ? Math.max(16, limit) : mostWaiting
  }

  #all(): readonly Visit[] {
    return ranks.flatMap((rank) => this.#queues[rank].all)
  }

  // In a full house nobody is looked for.
  #takeOf(rank: Priority, { isFor, mostOfOne }: Room): Visit | undefined {
    const taken = isFor(rank) ? this.#queues[rank].take(mostOfOne(rank)) : undefined
    if (taken) this.#length -= 1
    return taken
  }

  /** The one that makes place: one that is worth less, or one whose caller has more than this one would have. */
  #placeFor(priority: Priority, compartment: Compartment, longest: number): Visit | undefined {
    const hasOwn = (rank: Priority) => this.#queues[rank].length < longest * this.#reserved[rank]
    const least = ranks.findLast((rank) => this.#queues[rank].length > longest * this.#reserved[rank])
    if (least && (hasOwn(priority) || ranks.indexOf(least) > ranks.indexOf(priority))) return this.#queues[least].newestOfMost()
    const queue = this.#queues[priority]
    return queue.newestOfMost(queue.callsOf(compartment) + 2)
  }
}
