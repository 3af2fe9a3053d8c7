import { performance } from "node:perf_hooks"

// The clock is read twice for each call, a good part of what an inline call costs. `hrtime.bigint` is the cheapest way to it, as
// long as its result goes straight into memory and is no object.
const { bigint: nanoseconds } = process.hrtime
const read = new DataView(new ArrayBuffer(8))

/** Milliseconds since the epoch with fractions. It never goes back while the process runs, so a difference is a duration. */
export function now(): number {
  return origin + steadyMs()
}

function steadyMs(): number {
  read.setBigUint64(0, nanoseconds())
  return read.getUint32(0) * highMs + read.getUint32(4) * lowMs
}

const lowMs = 1e-6
const highMs = 2 ** 32 * lowMs

/** `performance.now` counts the same clock from the start of the process. */
const origin = performance.timeOrigin + performance.now() - steadyMs()

/** Less than that is what clocks are read with, one of them in whole milliseconds, and is left alone. */
const noticedMs = 2

/**
 * How far the wall clock has gone from `now`: it is set by hand, by the network, and goes on while a laptop sleeps.
 * Spans are moved by that when they are exported, begin and end alike, so that their lengths stay what was measured.
 */
export class ClockAnchor {
  readonly #wallMs: () => number
  readonly #steadyMs: () => number
  #offsetMs = 0

  constructor(wallMs: () => number = () => Date.now(), steadyMs: () => number = now) {
    this.#wallMs = wallMs
    this.#steadyMs = steadyMs
  }

  /** To be added to times of `now`; the same again as long as nobody sets the wall clock. */
  offsetMs(): number {
    const before = this.#steadyMs()
    const offset = this.#wallMs() - before
    const isNoticed = Math.abs(offset - this.#offsetMs) > noticedMs
    // A process that rested between the two has not read them as one; the next time tells.
    if (isNoticed && this.#steadyMs() - before < noticedMs) this.#offsetMs = offset
    return this.#offsetMs
  }

  /** A time of `now` on the wall clock, in whole milliseconds: earlier by what may have been left alone, so that it is never later. */
  noLater(timeMs: number): number {
    return Math.floor(timeMs + this.offsetMs() - noticedMs)
  }
}

/** The process's own. */
export const wallClock = new ClockAnchor()
