/** Between attempts, in milliseconds: at most `firstMs` after the first failure, twice as long after each further one, up to `longestMs`. */
export interface Pauses {
  readonly firstMs: number
  readonly longestMs: number
}

/**
 * How long to wait after one failure and `before` others: anything up to the longest ("full jitter", Brooker, "Exponential Backoff And
 * Jitter", AWS Architecture Blog, 2015).
 */
export function fullJitterMs(pauses: Pauses, before: number): number {
  return Math.random() * ceilingMs(pauses, before)
}

/** The same, and at least half of the longest, where there are few attempts or each costs something ("equal jitter", ibid.). */
export function equalJitterMs(pauses: Pauses, before: number): number {
  const half = ceilingMs(pauses, before) / 2
  return half + Math.random() * half
}

function ceilingMs({ firstMs, longestMs }: Pauses, before: number): number {
  return Math.min(longestMs, firstMs * 2 ** before)
}
