import { isDeepStrictEqual } from "node:util"

const pauseMs = 250
const quietMs = 2_500
const longestMs = 20_000

/** What `look` sees when it has not changed for a while: then all that events and jobs do has been done. */
export async function untilSettled<T>(look: () => Promise<T>): Promise<T> {
  const until = performance.now() + longestMs
  let seen = await look()
  let since = performance.now()
  while (performance.now() - since < quietMs && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    const now = await look()
    if (!isDeepStrictEqual(now, seen)) since = performance.now()
    seen = now
  }
  return seen
}
