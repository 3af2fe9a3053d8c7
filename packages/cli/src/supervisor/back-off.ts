const firstPauseMs = 100
const longestPauseMs = 5_000
/** What has served for so long and then failed begins with the shortest pause again: it is not what it does at its start that fails. */
const stableMs = 2_000

/** How long to wait before trying again: longer after each failure that follows soon upon a start. */
export class BackOff {
  readonly #now: () => number
  #servesSince: number | undefined
  #failures = 0

  /** `now` in milliseconds, of any steady clock. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures
  }

  /** It serves from now on. */
  serves(): void {
    this.#servesSince = this.#now()
  }

  /** Counts a failure; returns the pause in milliseconds. */
  failed(): number {
    const wasStable = this.#servesSince !== undefined && this.#now() - this.#servesSince > stableMs
    this.#servesSince = undefined
    this.#failures = wasStable ? 1 : this.#failures + 1
    return Math.min(longestPauseMs, firstPauseMs * 2 ** (this.#failures - 1))
  }
}
