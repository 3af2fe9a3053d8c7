import { WindowCounts } from "./window-counts.ts"

/** `closed`: calls pass. `open`: none does. `half-open`: one passes, to see whether things are better. */
export type BreakerState = "closed" | "open" | "half-open"

/** Fewer calls in the window say nothing. */
const fewestCalls = 10
const openingShare = 0.5
const firstPauseMs = 500
const longestPauseMs = 5_000

/**
 * Stops calls of one seam to one replica when half of them have failed in the last ten seconds, so that callers fail at once
 * instead of waiting, and the replica gets a rest. Then single calls try whether it is well again (Nygard, "Release It!").
 */
export class Breaker {
  readonly #window = new WindowCounts()
  readonly #random: () => number
  #isOpen = false
  #openUntilMs = 0
  #timesOpened = 0
  #probingUntilMs = 0

  constructor(random: () => number = Math.random) {
    this.#random = random
  }

  state(nowMs: number): BreakerState {
    if (!this.#isOpen) return "closed"
    return nowMs < this.#openUntilMs ? "open" : "half-open"
  }

  /** Whether a call may be sent. Times are milliseconds of any steady clock. */
  allows(nowMs: number): boolean {
    return !this.#isOpen || (nowMs >= this.#openUntilMs && nowMs >= this.#probingUntilMs)
  }

  /**
   * A call that was allowed is sent. One that tries whether things are better keeps others out until it ends, but not for ever.
   * Returns the state in which it is sent, to be told with how it ends: calls sent before it opened say nothing new, however they end.
   */
  sent(nowMs: number): BreakerState {
    if (this.#isOpen) this.#probingUntilMs = nowMs + longestPauseMs
    return this.state(nowMs)
  }

  succeeded(nowMs: number, sentIn: BreakerState): void {
    if (!this.#isOpen) this.#window.add(nowMs, false, 0)
    else if (this.#isProbe(sentIn)) this.#close()
  }

  failed(nowMs: number, sentIn: BreakerState): void {
    if (this.#isOpen) {
      if (this.#isProbe(sentIn)) this.#open(nowMs)
      return
    }
    this.#window.add(nowMs, true, 0)
    const calls = this.#window.calls(nowMs)
    if (calls >= fewestCalls && this.#window.failures(nowMs) >= calls * openingShare) this.#open(nowMs)
  }

  /** Nobody will know how a call that was sent ended: its caller went away. */
  unknown(sentIn: BreakerState): void {
    if (this.#isProbe(sentIn)) this.#probingUntilMs = 0
  }

  #isProbe(sentIn: BreakerState): boolean {
    return sentIn === "half-open" && this.#probingUntilMs > 0
  }

  #close(): void {
    this.#isOpen = false
    this.#timesOpened = 0
    this.#probingUntilMs = 0
    this.#window.clear()
  }

  // Half of the pause is jitter, so that callers do not all try at once.
  #open(nowMs: number): void {
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#timesOpened)
    this.#isOpen = true
    this.#timesOpened += 1
    this.#probingUntilMs = 0
    this.#openUntilMs = nowMs + pauseMs * (0.5 + 0.5 * this.#random())
  }
}
