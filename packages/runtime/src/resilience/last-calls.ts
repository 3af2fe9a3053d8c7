import type { UsualLatency } from "./usual-latency.ts"

const most = 32

/** What the last few calls took, kept until more is known of what they ought to have taken. */
export class LastCalls {
  readonly #usuals: UsualLatency[] = []
  readonly #tookMs: number[] = []
  #next = 0

  add(usual: UsualLatency, tookMs: number): void {
    this.#usuals[this.#next] = usual
    this.#tookMs[this.#next] = tookMs
    this.#next = (this.#next + 1) % most
  }

  /** The mean of what `judge` says of each; 0 without any. */
  mean(judge: (usual: UsualLatency, tookMs: number) => number): number {
    let sum = 0
    for (const [index, usual] of this.#usuals.entries()) sum += judge(usual, this.#tookMs[index] ?? 0)
    return sum / Math.max(1, this.#usuals.length)
  }
}
