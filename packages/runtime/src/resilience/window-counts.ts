const buckets = 10
const bucketMs = 1_000

/** Counts calls and failures over the last ten seconds, a bucket a second, and takes the mean of what was measured of those that did not fail. */
export class WindowCounts {
  readonly #calls = new Float64Array(buckets)
  readonly #failures = new Float64Array(buckets)
  readonly #measures = new Float64Array(buckets)
  #allCalls = 0
  #allFailures = 0
  #second = 0

  /** Times are milliseconds of any steady clock that starts at 0 or later. */
  add(nowMs: number, isFailure: boolean, measure: number): void {
    const at = this.#turnTo(nowMs) % buckets
    this.#calls[at] = (this.#calls[at] ?? 0) + 1
    this.#allCalls += 1
    if (isFailure) {
      this.#failures[at] = (this.#failures[at] ?? 0) + 1
      this.#allFailures += 1
    } else this.#measures[at] = (this.#measures[at] ?? 0) + measure
  }

  calls(nowMs: number): number {
    this.#turnTo(nowMs)
    return this.#allCalls
  }

  failures(nowMs: number): number {
    this.#turnTo(nowMs)
    return this.#allFailures
  }

  /** 0 when none was measured. */
  mean(nowMs: number): number {
    const measured = this.calls(nowMs) - this.#allFailures
    return measured === 0 ? 0 : sum(this.#measures) / measured
  }

  clear(): void {
    for (const counts of [this.#calls, this.#failures, this.#measures]) counts.fill(0)
    this.#allCalls = this.#allFailures = 0
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
    this.#allCalls -= this.#calls[bucket] ?? 0
    this.#allFailures -= this.#failures[bucket] ?? 0
    this.#calls[bucket] = 0
    this.#failures[bucket] = 0
    this.#measures[bucket] = 0
  }
}

function sum(counts: Float64Array): number {
  let total = 0
  for (const count of counts) total += count
  return total
}
