import { Fault, isFault } from "@hanok/contract"
import type { Priority } from "@hanok/contract"
import { now } from "../recorder/clock.ts"
import { AdaptiveLimit } from "./adaptive-limit.ts"
import type { Company } from "./adaptive-limit.ts"
import { GateQueue } from "./gate-queue.ts"
import type { Room } from "./gate-queue.ts"
import { LoopTurn } from "./loop-turn.ts"
import type { GateLoad } from "./service-load.ts"
import { UsualLatency } from "./usual-latency.ts"

/** What all calls of one operation have in common at a gate. */
export interface GateOperation {
  readonly name: string
  readonly priority: Priority
  readonly usual: UsualLatency
}

/** A caller's part of the house: when it is full, the others still have room (a bulkhead). */
export interface Compartment {
  readonly name: string
  /** Only the gate writes to it, and to the next. */
  inFlight: number
  /** Connections by which its calls may come. */
  keepers: number
}

/** A call at a gate: `begin` or `shed` is called once, at once or later. */
export interface Visit {
  readonly operation: GateOperation
  readonly compartment: Compartment
  /** When nobody waits any more, on the gate's clock. */
  readonly deadlineMs: number
  /** Lets it in. `leave` must follow. */
  begin(): void
  /** It does not begin: `OVERLOADED`, or `DEADLINE_EXCEEDED` when there is no time left for it. */
  shed(fault: Fault): void
  // What follows is the gate's.
  gateAtMs: number
  isIn: boolean
  company: Company
}

/** How a call ended: it did what it was to do (a refusal too), it failed or its time ran out, or its caller went away. */
export type Ending = "done" | "failed" | "cut"

export function endingOf(error: unknown): Ending {
  if (!isFault(error)) return "done"
  return error.code === "CANCELLED" ? "cut" : "failed"
}

export interface GateOptions {
  /** For messages: who has too much to do. */
  readonly name: string
  /** The most calls at once, whatever is found out. */
  readonly most: number
  /** The fewest at once to which the limit may sink. */
  readonly least: number
  /** Milliseconds for which calls may hold each other up before fewer are let in. */
  readonly allowanceMs: number
  /** The longest that a call waits for room, in milliseconds; a fifth of it when there has been no room for that long. */
  readonly patientMs: number
  /** What callers are told when they are shed, in milliseconds. */
  readonly retryAfterMs: number
  /** Milliseconds of a steady clock. */
  readonly now?: () => number
  /** Calls back when the event loop has done all that it had to do in this turn; `setImmediate` when not given. */
  readonly nextTurn?: ((next: () => void) => void) | undefined
}

/** What a gate has done since it was made. */
export interface GateCounts {
  admitted: number
  /** By priority. */
  readonly shed: Record<Priority, number>
  /** Too late to begin. */
  late: number
  /** Turned away before it came to the gate: its client asks too often. */
  rateLimited: number
}

/** The part of the limit that each priority may fill: so the most important calls find room when the others are shed already. */
const shares: Readonly<Record<Priority, number>> = { high: 1, normal: 0.9, low: 0.7 }
/**
 * The part of the limit that waiting calls of a priority have to themselves, so that nobody starves. Where the important calls
 * are the long ones, as they often are, the others get much done in little room.
 */
const reserved: Readonly<Record<Priority, number>> = { high: 0, normal: 1 / 8, low: 1 / 8 }
/**
 * When there are others, one caller may have so many times the room that is left: three quarters of all, and two that want more than
 * there is three sevenths each, so that another one finds room at once (Choudhury and Hahne, "Dynamic queue length thresholds for
 * shared-memory packet switches", IEEE/ACM Transactions on Networking, 1998).
 */
const timesTheRest = 3
/** The part of the limit that each may have, whatever the others do. */
const leastOfOne = 1 / 8
/** Beyond that those who neither call nor are connected are forgotten: there is no end to the names that programs give themselves. */
const mostCompartments = 1_000

/**
 * The way in to a process: lets in as many calls at once as are good for it, keeps a few waiting for a moment, and sheds the
 * rest before anything is done for them, the least important first.
 */
export class Gate {
  readonly counts: GateCounts = { admitted: 0, shed: { low: 0, normal: 0, high: 0 }, late: 0, rateLimited: 0 }
  readonly now: () => number
  readonly #options: GateOptions
  readonly #limit: AdaptiveLimit
  readonly #queue: GateQueue
  readonly #operations = new Map<string, GateOperation>()
  readonly #usuals = new Map<string, UsualLatency>()
  readonly #compartments = new Map<string, Compartment>()
  readonly #overloaded = new Map<string, Fault>()
  readonly #inFlightOf: Record<Priority, number> = { low: 0, normal: 0, high: 0 }
  readonly #room: Room = {
    isFor: (priority) => this.#hasRoomFor(priority),
    mostOfOne: (priority) => this.#mostOfOne(priority),
    isBehind: (priority) => this.#isBehind(priority),
  }
  readonly #turn: LoopTurn
  /**
   * How many have begun of each priority since some had to wait for another turn of the event loop; `undefined` when nobody waits. Calls
   * that compute are hardly ever in flight together, so that does not say who has had less.
   */
  #begunByTurns: Record<Priority, number> | undefined = undefined
  #inFlight = 0
  #timer: NodeJS.Timeout | undefined = undefined

  constructor(options: GateOptions) {
    this.#options = options
    this.#limit = new AdaptiveLimit(options)
    this.#queue = new GateQueue(options.patientMs, reserved)
    this.now = options.now ?? now
    this.#turn = new LoopTurn(options.nextTurn ?? setImmediate, () => this.#letIn())
  }

  /** Those that have called, of late if there are many. */
  get compartments(): readonly Compartment[] {
    return [...this.#compartments.values()]
  }

  get load(): GateLoad {
    return { inFlight: this.#inFlight, limit: this.#limit.current, queued: this.#queue.length }
  }

  /** The operation of that name, as it is called by requests of that priority; the same object each time. */
  operation(name: string, priority: Priority): GateOperation {
    const key = `${priority} ${name}`
    let operation = this.#operations.get(key)
    if (!operation) this.#operations.set(key, (operation = { name, priority, usual: this.#usual(name) }))
    return operation
  }

  compartment(name: string): Compartment {
    let compartment = this.#compartments.get(name)
    if (compartment) return compartment
    if (this.#compartments.size >= mostCompartments) this.#forgetIdle()
    this.#compartments.set(name, (compartment = { name, inFlight: 0, keepers: 0 }))
    return compartment
  }

  /** The same, which stays until `letGo` is called as often. */
  keep(name: string): Compartment {
    const compartment = this.compartment(name)
    compartment.keepers += 1
    return compartment
  }

  letGo(compartment: Compartment): void {
    compartment.keepers -= 1
  }

  enter(visit: Visit, nowMs = this.now()): void {
    if (this.#takes(visit.operation.priority, visit.compartment)) this.#begin(visit, nowMs)
    else this.#keepWaiting(visit, nowMs)
  }

  /** Why a call would be shed at once, before more is done for it than to read its name; it is then counted. */
  shedsAtOnce(priority: Priority, compartment: Compartment): Fault | undefined {
    // Where nobody waits there is room to wait in; of requests that come one by one, nobody does.
    if (this.#queue.length === 0 || this.#takes(priority, compartment)) return undefined
    if (!this.#queue.isFullFor(priority, compartment, this.#limit.current, this.now())) return undefined
    return this.#refused(priority, compartment)
  }

  /** A call that was let in has ended. */
  leave(visit: Visit, ending: Ending): void {
    const { isIn, company, gateAtMs, operation, compartment } = visit
    if (!isIn) return
    visit.isIn = false
    this.#inFlight -= 1
    this.#inFlightOf[operation.priority] -= 1
    compartment.inFlight -= 1
    const nowMs = this.now()
    const tookMs = nowMs - gateAtMs
    this.#turn.ended(tookMs, nowMs)
    if (ending === "done") operation.usual.done(tookMs, nowMs)
    this.#limit.left(operation.usual, ending, tookMs, company, this.#inFlight, nowMs)
    if (this.#queue.length > 0) this.#letIn()
  }

  /** Nobody waits any more for a call that has not begun. */
  withdraw(visit: Visit): void {
    this.#queue.delete(visit)
    this.#rest()
  }

  /** Sheds what has waited too long, and lets in what there is room for. Called by itself while anything waits. */
  tidy(): void {
    const nowMs = this.now()
    this.#limit.tick(nowMs)
    for (const visit of this.#queue.takeStale(nowMs)) this.#shed(visit)
    this.#letIn()
  }

  /** Sheds all that waits. */
  close(): void {
    for (const visit of this.#queue.takeAll()) this.#shed(visit)
    this.#rest()
  }

  #forgetIdle(): void {
    for (const [name, compartment] of this.#compartments)
      if (compartment.keepers === 0 && this.#queue.hasNoneOf(compartment)) this.#compartments.delete(name)
    this.#overloaded.clear()
  }

  // How long it takes does not depend on who asks.
  #usual(name: string): UsualLatency {
    let usual = this.#usuals.get(name)
    if (!usual) this.#usuals.set(name, (usual = new UsualLatency()))
    return usual
  }

  #takes(priority: Priority, compartment: Compartment): boolean {
    return this.#hasRoomFor(priority) && compartment.inFlight < this.#mostOfOne(priority)
  }

  #hasRoomFor(priority: Priority): boolean {
    return !this.#turn.isOver && this.#inFlight < Math.max(1, this.#limit.current * this.#shareOf(priority))
  }

  #shareOf(priority: Priority): number {
    return this.#isBehind(priority) ? 1 : shares[priority]
  }

  // What those of low priority may not fill counts as room that one of them leaves: else so little would be used that no limit was found.
  #mostOfOne(priority: Priority): number {
    if (this.#compartments.size < 2) return Number.POSITIVE_INFINITY
    const limit = this.#limit.current
    const left = limit * Math.max(this.#shareOf(priority), shares.normal) - this.#inFlight
    return Math.max(1, limit * leastOfOne, left * timesTheRest)
  }

  #isBehind(priority: Priority): boolean {
    const begun = this.#begunByTurns
    // Where there is room for all, they wait for a turn.
    if (begun && this.#inFlight < this.#limit.current * shares.low)
      return begun[priority] + 1 <= (begun.low + begun.normal + begun.high + 1) * reserved[priority]
    return this.#inFlightOf[priority] + 1 <= this.#limit.current * reserved[priority]
  }

  #begin(visit: Visit, nowMs: number): void {
    if (!visit.operation.usual.mayBegin(visit.deadlineMs - nowMs, nowMs)) return this.#tooLate(visit, nowMs)
    this.#inFlight += 1
    this.#inFlightOf[visit.operation.priority] += 1
    visit.compartment.inFlight += 1
    visit.gateAtMs = nowMs
    visit.isIn = true
    visit.company = this.#limit.entered(this.#inFlight)
    this.counts.admitted += 1
    if (this.#begunByTurns) this.#begunByTurns[visit.operation.priority] += 1
    visit.begin()
    this.#turn.begun(nowMs, this.now())
  }

  #keepWaiting(visit: Visit, nowMs: number): void {
    if (this.#turn.isOver) this.#begunByTurns ??= { low: 0, normal: 0, high: 0 }
    else this.#limit.full()
    const displaced = this.#queue.add(visit, nowMs, this.#limit.current)
    if (displaced) this.#shed(displaced)
    if (this.#queue.length > 0) this.#timer ??= setInterval(() => this.tidy(), tidyEveryMs)
  }

  #letIn(): void {
    for (let next = this.#queue.take(this.#room); next; next = this.#queue.take(this.#room)) this.#begin(next, this.now())
    this.#rest()
  }

  #rest(): void {
    if (this.#queue.length > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#begunByTurns = undefined
  }

  #shed(visit: Visit): void {
    visit.shed(this.#refused(visit.operation.priority, visit.compartment))
  }

  #refused(priority: Priority, compartment: Compartment): Fault {
    this.counts.shed[priority] += 1
    const isCrowded = this.#hasRoomFor(priority) && compartment.inFlight >= this.#mostOfOne(priority)
    return this.#overloadedFault(priority, isCrowded ? compartment : undefined)
  }

  // One for all: where most calls are shed, making an error with its stack would be most of the work.
  #overloadedFault(priority: Priority, crowded?: Compartment): Fault {
    const { name, retryAfterMs } = this.#options
    const limit = this.#limit.current
    const reason = this.#turn.isOver
      ? `${name} is kept busy by calls that compute without a pause`
      : crowded
        ? `${name} carries out ${crowded.inFlight} calls of ${crowded.name} at once, and has room for ${limit} of all`
        : `${name} carries out ${limit} calls at once, which is what it can do now`
    const kind = crowded ? `${priority} ${crowded.name}` : priority
    const message = `${reason}; one of priority ${priority} was not begun.`
    const known = this.#overloaded.get(kind)
    if (known?.message === message) return known
    const fault = new Fault("OVERLOADED", message, { retryAfterMs })
    this.#overloaded.set(kind, fault)
    return fault
  }

  #tooLate(visit: Visit, nowMs: number): void {
    this.counts.late += 1
    const leftMs = Math.max(0, visit.deadlineMs - nowMs).toFixed(1)
    const fastestMs = visit.operation.usual.fastestMs(nowMs).toFixed(1)
    const message = `${visit.operation.name} was not begun: ${leftMs} ms are left, and it takes ${fastestMs} ms at least.`
    visit.shed(new Fault("DEADLINE_EXCEEDED", message, { hint: "Give the call more time, or find out what has used it up." }))
  }
}

const tidyEveryMs = 10
