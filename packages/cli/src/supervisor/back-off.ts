const firstPauseMs = 100
const longestPauseMs = 5_000
/** What has served for so long and then failed begins with the shortest pause again: it is not what it does at its start that fails. */
const stableMs = 2_000
/** So often in a row what has served for less is started again at once: whatever ended it need not have been its own fault. */
const forgiven = 3

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
    const since = this.#servesSince
    this.#servesSince = undefined
    const wasStable = since !== undefined && this.#now() - since > stableMs
    this.#failures = wasStable ? 1 : this.#failures + 1
    const doublings = this.#failures - (since === undefined ? 1 : forgiven)
    return Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, doublings))
  }
}
