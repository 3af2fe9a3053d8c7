const firstPauseMs = 100
const longestPauseMs = 5_000
/** What ran so long and then failed begins with the shortest pause again. */
const stableMs = 10_000

/** How long to wait before trying again: longer after each failure that follows soon upon a start. */
export class BackOff {
  #startedAt = performance.now()
  #failures = 0

  /** Failures in a row. */
  get failures(): number {
    return this.#failures
  }

  started(): void {
    this.#startedAt = performance.now()
  }

  /** Counts a failure; returns the pause in milliseconds. */
  failed(): number {
    this.#failures = performance.now() - this.#startedAt > stableMs ? 1 : this.#failures + 1
    return Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#failures - 1))
  }
}
