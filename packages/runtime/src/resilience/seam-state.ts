import { isFault } from "@hanok/contract"
import type { FaultCode } from "@hanok/contract"
import { Breaker } from "./breaker.ts"
import { RetryBudget } from "./retry-budget.ts"
import { WindowCounts } from "./window-counts.ts"

/** What callers in this process have learnt about one seam: a module that calls, and the contract that it calls. */
export class SeamState {
  readonly caller: string
  readonly contract: string
  readonly budget: RetryBudget
  readonly #breakers = new Map<string, Breaker>()
  readonly #answers = new Map<string, WindowCounts>()
  /** Calls that ended with a fault, after all their attempts. */
  readonly failures = new Map<FaultCode, number>()
  /** Calls made; retries and hedges are not calls of their own. */
  calls = 0
  /** Those among them that came here for a module which lives elsewhere. */
  passedOn = 0
  /** Attempts that found no replica, and waited for one. */
  waited = 0
  retries = 0
  hedges = 0
  /** Hedges that answered first. */
  hedgesWon = 0
  /** Retries and hedges that were not made because the budget was used up. */
  overBudget = 0
  /** Attempts that failed at once because every breaker was open. */
  stoppedByBreaker = 0

  constructor(caller: string, contract: string, nowMs: number) {
    this.caller = caller
    this.contract = contract
    this.budget = new RetryBudget(nowMs)
  }

  get breakers(): ReadonlyMap<string, Breaker> {
    return this.#breakers
  }

  breakerOf(replica: string): Breaker {
    let breaker = this.#breakers.get(replica)
    if (!breaker) this.#breakers.set(replica, (breaker = new Breaker()))
    return breaker
  }

  /** What a replica said to an operation was an answer. `nowMs` is on the clock of `now`. */
  answered(operation: string, tookMs: number, nowMs: number): void {
    let answers = this.#answers.get(operation)
    if (!answers) this.#answers.set(operation, (answers = new WindowCounts()))
    answers.add(nowMs, false, tookMs)
  }

  /** Whether answers to the operation have taken longer than that of late, in the mean: who waited so long only cannot tell that none would have come. */
  usuallyTakesLonger(operation: string, thanMs: number, nowMs: number): boolean {
    return thanMs < (this.#answers.get(operation)?.mean(nowMs) ?? 0)
  }

  /** A call has ended, with `error` or well. A refusal is an answer. */
  ended(error: unknown): void {
    if (isFault(error)) this.failures.set(error.code, (this.failures.get(error.code) ?? 0) + 1)
  }

  /** The replica is gone for good, or was started anew. */
  forget(replica: string): void {
    this.#breakers.delete(replica)
  }
}
