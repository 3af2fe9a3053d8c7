/** What a budget starts with and, while nobody calls, slowly fills up to again: enough for a rarely used seam to retry at all. */
const floorTokens = 10
/** Tokens a second by which it fills up to `floorTokens`. */
const floorPerSecond = 1
/** What it can save up at most. */
const mostTokens = 100
/** Share of the calls that may be repeated. */
const retryShare = 0.1

/**
 * How many retries and hedges a seam may still make: a tenth of its calls, and a small floor. So a callee in trouble gets at
 * most a tenth more load, however many of its calls fail (the token bucket of Finagle's `RetryBudget`).
 */
export class RetryBudget {
  #tokens = floorTokens
  #filledAtMs: number

  /** Times are milliseconds of any steady clock. */
  constructor(nowMs: number) {
    this.#filledAtMs = nowMs
  }

  /** Whole retries that could be made at once. */
  left(nowMs: number): number {
    this.#fill(nowMs)
    return Math.floor(this.#tokens + rounding)
  }

  /** A call was made; what it does in the end does not matter. */
  earn(): void {
    if (this.#tokens < mostTokens) this.#tokens = Math.min(mostTokens, this.#tokens + retryShare)
  }

  /** Whether one more retry may be made; it is then counted. */
  take(nowMs: number): boolean {
    this.#fill(nowMs)
    if (this.#tokens < 1 - rounding) return false
    this.#tokens = Math.max(0, this.#tokens - 1)
    return true
  }

  #fill(nowMs: number): void {
    const gained = ((nowMs - this.#filledAtMs) / 1000) * floorPerSecond
    this.#filledAtMs = nowMs
    if (this.#tokens < floorTokens) this.#tokens = Math.min(floorTokens, this.#tokens + gained)
  }
}

/** What sums of tenths may be off. */
const rounding = 1e-6
