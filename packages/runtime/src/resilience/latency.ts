/** After so long without an answer an old one counts for a third. */
const fadingMs = 3_000

/**
 * Smoothed time to an answer: rises fast, falls as time passes, also when nothing is asked, so that a replica which was slow
 * is tried again (after the "peak EWMA" of Finagle's balancer).
 */
export class PeakLatency {
  #ms = 0
  #atMs = 0

  /** In milliseconds; 0 when nothing is known. */
  current(nowMs: number): number {
    return this.#ms === 0 ? 0 : this.#ms * Math.exp((this.#atMs - nowMs) / fadingMs)
  }

  add(tookMs: number, nowMs: number): void {
    if (tookMs >= this.#ms) this.#ms = this.#ms === 0 ? tookMs : (this.#ms + tookMs) / 2
    else {
      const weight = Math.exp((this.#atMs - nowMs) / fadingMs)
      // Each answer also counts a little by itself: at a hundred a second the clock alone would hardly move.
      this.#ms = Math.max(tookMs, this.#ms * weight * 0.95 + tookMs * (1 - weight * 0.95))
    }
    this.#atMs = nowMs
  }

  /** Nothing was learnt of it that lets the time since the last answer count. */
  hold(nowMs: number): void {
    this.#atMs = nowMs
  }

  reset(): void {
    this.#ms = 0
  }
}
