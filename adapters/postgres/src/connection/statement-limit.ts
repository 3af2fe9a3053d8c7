/** What a statement is allowed that no context limits, in milliseconds. */
export const usualLimitMs = 16_384

/** The longest that PostgreSQL can express. */
const longestMs = 2_147_483_647

/**
 * How long a single statement may run in the database when its caller waits `remainingMs`: the next power of two, so that
 * a connection seldom has to be told anew. The caller leaves at its deadline; this only ends what nobody waits for.
 * `undefined` when the present limit is near enough; that of a new connection is not known. 0 is no limit.
 */
export function newLimitMs(presentMs: number | undefined, remainingMs: number): number | undefined {
  if (remainingMs > longestMs / 2) return presentMs === 0 ? undefined : 0
  const enough = presentMs !== undefined && presentMs >= remainingMs && presentMs <= Math.max(4 * remainingMs, 1_024)
  if (enough) return undefined
  return 2 ** Math.ceil(Math.log2(Math.max(remainingMs, 512)))
}

/** For a transaction, whose limits are set as it begins: the time left, rounded up, or 0 for no limit. */
export function limitOf(remainingMs: number): number {
  return remainingMs >= longestMs ? 0 : Math.max(1, Math.ceil(remainingMs))
}
