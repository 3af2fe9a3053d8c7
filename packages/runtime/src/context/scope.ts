import { Fault } from "@hanok/contract"

/** Something that is waited for within a scope; it is told when the waiting ends early. */
export interface Waiter {
  /** Called at most once, with `DEADLINE_EXCEEDED` or `CANCELLED`. */
  stop(fault: Fault): void
}

/** A longer one fires at once (HTML Living Standard, "timers": 32 bits). */
const longestTimerMs = 2 ** 31 - 1

/**
 * How long a request, or a part of it with less time, may still take. It ends at its deadline or when it is
 * cancelled; then every waiter is stopped, the signal is aborted, and nothing new begins.
 * Calls that have no shorter time of their own share their caller's scope, so that most cost no timer.
 */
export class Scope {
  /** Milliseconds since the epoch; infinite for work that nobody waits for. */
  readonly deadlineAt: number
  readonly #waiters = new Set<Waiter>()
  #ended: Fault | undefined
  #controller: AbortController | undefined
  #timer: NodeJS.Timeout | undefined
  readonly #leaveParent: (() => void) | undefined

  constructor(deadlineAt: number, parent?: Scope) {
    this.deadlineAt = parent ? Math.min(deadlineAt, parent.deadlineAt) : deadlineAt
    if (parent) {
      const waiter = { stop: (fault: Fault) => this.#end(fault) }
      parent.add(waiter)
      this.#leaveParent = () => parent.delete(waiter)
    }
    if (Number.isFinite(this.deadlineAt) && this.deadlineAt !== parent?.deadlineAt) this.#arm()
  }

  /** The scope of a call that may take `timeoutMs`: this one, when it has no more time than that anyway. */
  within(timeoutMs: number, now: number): Scope {
    return now + timeoutMs >= this.deadlineAt ? this : new Scope(now + timeoutMs, this)
  }

  /** Why it has ended; `undefined` while it goes on. */
  get ended(): Fault | undefined {
    return this.#ended
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#ended && !this.#controller.signal.aborted) this.#controller.abort(this.#ended)
    return this.#controller.signal
  }

  /** The waiter is stopped at once when the scope has ended already. */
  add(waiter: Waiter): void {
    if (this.#ended) waiter.stop(this.#ended)
    else this.#waiters.add(waiter)
  }

  delete(waiter: Waiter): void {
    this.#waiters.delete(waiter)
  }

  /** Ends the scope because nobody waits for it any more. */
  cancel(reason = "the caller went away"): void {
    this.#end(new Fault("CANCELLED", `Cancelled: ${reason}.`))
  }

  /** The work is done: frees the timer, stops nobody. */
  close(): void {
    clearTimeout(this.#timer)
    this.#leaveParent?.()
  }

  #arm(): void {
    const remainingMs = this.deadlineAt - Date.now()
    this.#timer = setTimeout(() => this.#expire(), Math.min(Math.max(0, remainingMs), longestTimerMs))
  }

  // A timer may fire a little early against the wall clock; the deadline has passed only when the clock says so.
  #expire(): void {
    if (Date.now() < this.deadlineAt) return this.#arm()
    this.#end(new Fault("DEADLINE_EXCEEDED", "The deadline passed before the work was done; what was begun may still complete."))
  }

  #end(fault: Fault): void {
    if (this.#ended) return
    this.#ended = fault
    this.close()
    const waiters = [...this.#waiters]
    this.#waiters.clear()
    for (const waiter of waiters) waiter.stop(fault)
    this.#controller?.abort(fault)
  }
}
