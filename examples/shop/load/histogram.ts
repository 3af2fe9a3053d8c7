/** How long things took, in bounded memory. */
export interface Histogram {
  readonly count: number
  readonly maxMs: number
  add(ms: number): void
  /** The time within which that part of them (0 to 1) was done, up to 2 % more than it was; 0 of nothing. */
  quantile(part: number): number
}

const leastMs = 0.01
const growth = 1.02
/** Enough for an hour. */
const buckets = Math.ceil(Math.log(3_600_000 / leastMs) / Math.log(growth)) + 1

export function createHistogram(): Histogram {
  const counts = new Uint32Array(buckets)
  let count = 0
  let maxMs = 0
  return {
    get count() {
      return count
    },
    get maxMs() {
      return maxMs
    },
    add(ms) {
      const bucket = Math.ceil(Math.log(Math.max(ms, leastMs) / leastMs) / Math.log(growth))
      const index = Math.min(buckets - 1, bucket)
      counts[index] = (counts[index] ?? 0) + 1
      count += 1
      maxMs = Math.max(maxMs, ms)
    },
    quantile(part) {
      let left = Math.max(1, Math.ceil(part * count))
      for (const [bucket, size] of counts.entries()) {
        left -= size
        if (left <= 0) return Math.min(maxMs, leastMs * growth ** bucket)
      }
      return 0
    },
  }
}
