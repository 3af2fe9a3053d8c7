import { getEventListeners } from "node:events"
import { Fault } from "@hanok/contract"
import { now } from "../recorder/clock.ts"
import { deadlinesOf } from "./deadlines.ts"
import type { Deadlines, Expiring } from "./deadlines.ts"

/** Something that is waited for within a scope; it is told when the waiting ends early. Only the scope writes to its links. */
export interface Waiter {
  /** Called at most once, with `DEADLINE_EXCEEDED` or `CANCELLED`. */
  stop(fault: Fault): void
  waitsIn?: Scope | undefined
  previousWaiter?: Waiter | undefined
  nextWaiter?: Waiter | undefined
}

/**
 * How long a request, or a part of it with less time, may still take. It ends at its deadline or when it is
 * cancelled; then every waiter is stopped, the signal is aborted, and nothing new begins.
 * Calls that have no shorter time of their own share their caller's scope.
 * Deadlines are kept on a clock that no one sets, so that a clock set forward ends no request.
 */
export class Scope implements Waiter, Expiring {
  /** On the clock of `now`; infinite for work that nobody waits for. */
  readonly deadlineAt: number
  deadlines: Deadlines | undefined = undefined
  earlier: Expiring | undefined = undefined
  later: Expiring | undefined = undefined
  waitsIn: Scope | undefined = undefined
  previousWaiter: Waiter | undefined = undefined
  nextWaiter: Waiter | undefined = undefined
  #firstWaiter: Waiter | undefined = undefined
  #lastWaiter: Waiter | undefined = undefined
  #ended: Fault | undefined = undefined
  #isLeft = false
  #controller: AbortController | undefined = undefined

  /** The scope of work that nobody waits for. */
  static readonly endless = new Scope(Number.POSITIVE_INFINITY)

  private constructor(deadlineAt: number) {
    this.deadlineAt = deadlineAt
  }

  /** A scope that ends by itself after `timeoutMs`, rounded down to whole milliseconds so that no callee has more than its caller; or never. */
  static lasting(timeoutMs: number, time = now()): Scope {
    const lifeMs = Math.max(0, Math.floor(timeoutMs))
    const scope = new Scope(time + lifeMs)
    if (Number.isFinite(lifeMs)) deadlinesOf(lifeMs).add(scope)
    return scope
  }

  /** The scope of a call that may take `timeoutMs` from `time` on: this one, when it has no more time than that anyway. */
  within(timeoutMs: number, time: number): Scope {
    this.#goOn()
    if (time + timeoutMs >= this.deadlineAt) return this
    const scope = Scope.lasting(timeoutMs, time)
    this.add(scope)
    return scope
  }

  /** Milliseconds left; not below 0. */
  get remainingMs(): number {
    return Math.max(0, this.deadlineAt - now())
  }

  /** Why it has ended; `undefined` while it goes on. */
  get ended(): Fault | undefined {
    this.#goOn()
    return this.#ended
  }

  get signal(): AbortSignal {
    this.#goOn()
    this.#controller ??= new AbortController()
    if (this.#ended && !this.#controller.signal.aborted) this.#controller.abort(this.#ended)
    return this.#controller.signal
  }

  /** The waiter is stopped at once when the scope has ended already. */
  add(waiter: Waiter): void {
    this.#goOn()
    if (this.#ended !== undefined) return waiter.stop(this.#ended)
    waiter.waitsIn = this
    waiter.previousWaiter = this.#lastWaiter
    if (this.#lastWaiter === undefined) this.#firstWaiter = waiter
    else this.#lastWaiter.nextWaiter = waiter
    this.#lastWaiter = waiter
  }

  delete(waiter: Waiter): void {
    if (waiter.waitsIn !== this) return
    waiter.waitsIn = undefined
    if (waiter.previousWaiter === undefined) this.#firstWaiter = waiter.nextWaiter
    else waiter.previousWaiter.nextWaiter = waiter.nextWaiter
    if (waiter.nextWaiter === undefined) this.#lastWaiter = waiter.previousWaiter
    else waiter.nextWaiter.previousWaiter = waiter.previousWaiter
    waiter.previousWaiter = undefined
    waiter.nextWaiter = undefined
  }

  /** Ends the scope because nobody waits for it any more. */
  cancel(reason = "the caller went away"): void {
    this.stop(new Fault("CANCELLED", `Cancelled: ${reason}.`))
  }

  expire(): void {
    this.stop(new Fault("DEADLINE_EXCEEDED", "The deadline passed before the work was done; what was begun may still complete."))
  }

  /** The work is done: nothing is waited for, nobody is stopped. */
  close(): void {
    this.deadlines?.delete(this)
    this.waitsIn?.delete(this)
  }

  /**
   * The work is done, and nobody is stopped; calls that it has left behind, whose answers nobody took, still end at its deadline, and
   * whoever still listens to its signal is told of it. So does what is begun later, from a timer say.
   */
  leave(): void {
    if (this.#firstWaiter !== undefined || this.#isListenedTo || this.#ended !== undefined) return
    this.#isLeft = true
    this.close()
  }

  // Most that have asked for the signal have come to their end. What `AbortSignal.any` makes of it does not show.
  get #isListenedTo(): boolean {
    return this.#controller !== undefined && getEventListeners(this.#controller.signal, "abort").length > 0
  }

  // Nobody reminds one that was left of its deadline, until somebody has to do with it again.
  #goOn(): void {
    if (!this.#isLeft) return
    this.#isLeft = false
    const leftMs = Math.floor(this.deadlineAt - now())
    if (leftMs > 0) deadlinesOf(leftMs).add(this)
    else this.expire()
  }

  /** Ends the scope, for the first of the reasons that it is told. */
  stop(fault: Fault): void {
    if (this.#ended) return
    this.#ended = fault
    this.close()
    for (let waiter = this.#firstWaiter; waiter; waiter = this.#firstWaiter) {
      this.delete(waiter)
      waiter.stop(fault)
    }
    this.#controller?.abort(fault)
  }
}
