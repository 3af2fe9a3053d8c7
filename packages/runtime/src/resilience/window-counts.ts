const buckets = 10
const bucketMs = 1_000

/** Counts calls, failures and time taken over the last ten seconds, a bucket a second. */
export class WindowCounts {
  readonly #calls = new Float64Array(buckets)
  readonly #failures = new Float64Array(buckets)
  readonly #tookMs = new Float64Array(buckets)
  #second = 0

  /** Times are milliseconds of any steady clock that starts at 0 or later. */
  add(nowMs: number, isFailure: boolean, tookMs: number): void {
    const at = this.#turnTo(nowMs) % buckets
    this.#calls[at] = (this.#calls[at] ?? 0) + 1
    this.#tookMs[at] = (this.#tookMs[at] ?? 0) + tookMs
    if (isFailure) this.#failures[at] = (this.#failures[at] ?? 0) + 1
  }

  calls(nowMs: number): number {
    this.#turnTo(nowMs)
    return sum(this.#calls)
  }

  failures(nowMs: number): number {
    this.#turnTo(nowMs)
    return sum(this.#failures)
  }

  /** Mean time that a call took, in milliseconds; 0 without calls. */
  meanMs(nowMs: number): number {
    const calls = this.calls(nowMs)
    return calls === 0 ? 0 : sum(this.#tookMs) / calls
  }

  clear(): void {
    for (const counts of [this.#calls, this.#failures, this.#tookMs]) counts.fill(0)
  }

  #turnTo(nowMs: number): number {
    const second = Math.floor(nowMs / bucketMs)
    if (second > this.#second) {
      const passed = Math.min(buckets, second - this.#second)
      for (let step = 0; step < passed; step++) this.#empty((second - step) % buckets)
      this.#second = second
    }
    return this.#second
  }

  #empty(bucket: number): void {
    this.#calls[bucket] = 0
    this.#failures[bucket] = 0
    this.#tookMs[bucket] = 0
  }
}

function sum(counts: Float64Array): number {
  let total = 0
  for (const count of counts) total += count
  return total
}
