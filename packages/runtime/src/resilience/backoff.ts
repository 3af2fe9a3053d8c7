const firstMs = 20
const longestMs = 1_000

/**
 * How long to wait before the attempt after `attempts` failed ones, in milliseconds: anything up to a ceiling that doubles from
 * 20 ms to a second ("full jitter", Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
 */
export function fullJitterMs(attempts: number): number {
  return Math.random() * Math.min(longestMs, firstMs * 2 ** (attempts - 1))
}
