import type { Filled, Logger } from "@hanok/contract"
import { longestTimerMs } from "../context/deadlines.ts"

/** The least that closing one may take, in milliseconds, whatever is left of the grace. */
const shortestMs = 2_000

/**
 * Closes each, for as long as the grace lasts. What does not close, such as a pool with a connection that nobody gave back, keeps neither
 * the others from closing nor the process from ending.
 */
export async function closeNeeds(
  module: string,
  needs: Readonly<Record<string, Filled<unknown>>>,
  log: Logger,
  graceMs: number,
): Promise<void> {
  await Promise.all(
    Object.entries(needs).map(async ([name, need]) => {
      const error = await failureOf(need, Math.min(longestTimerMs, Math.max(shortestMs, Math.round(graceMs))))
      if (error !== undefined) log.warn("a need was left open", { need: `${module}.${name}`, error })
    }),
  )
}

async function failureOf(need: Filled<unknown>, timeoutMs: number): Promise<unknown> {
  const over = Promise.withResolvers<never>()
  const timer = setTimeout(over.reject, timeoutMs, `it did not close within ${timeoutMs} ms`)
  try {
    await Promise.race([need.close?.(), over.promise])
    return undefined
  } catch (error) {
    return error ?? "it could not be closed"
  } finally {
    clearTimeout(timer)
  }
}
