import { performance } from "node:perf_hooks"

/** Milliseconds since the epoch with fractions. It never goes back while the process runs, so a difference is a duration. */
export function now(): number {
  return origin + performance.now()
}

// Imported, for the global of that name is a getter, which takes a fifth of the time again.
const origin = performance.timeOrigin

/** Less than that is what clocks are read with, and is left alone. */
const noticedMs = 20

/**
 * How far the wall clock has gone from `now`: it is set by hand, by the network, and goes on while a laptop sleeps.
 * Spans are moved by that when they are exported, begin and end alike, so that their lengths stay what was measured.
 */
export class ClockAnchor {
  readonly #wallMs: () => number
  readonly #steadyMs: () => number
  #offsetMs = 0

  constructor(wallMs: () => number = Date.now, steadyMs: () => number = now) {
    this.#wallMs = wallMs
    this.#steadyMs = steadyMs
  }

  /** To be added to times of `now`. */
  offsetMs(): number {
    const offset = this.#wallMs() - this.#steadyMs()
    if (Math.abs(offset - this.#offsetMs) > noticedMs) this.#offsetMs = offset
    return this.#offsetMs
  }
}
