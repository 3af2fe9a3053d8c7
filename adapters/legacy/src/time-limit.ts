import { Fault, isFault } from "@hanok/contract"
import type { Context } from "@hanok/contract"

/** How long one call may take. */
export interface TimeLimit {
  /** Aborted with the `Fault` that says why: the time is up, or nobody waits any more. */
  readonly signal: AbortSignal
  /** Frees the timer. */
  close(): void
}

/** A timer that is set to more fires at once. */
const longestTimerMs = 2 ** 31 - 1

/** Ends with the context, and after `timeoutMs` at the latest. */
export function createTimeLimit(context: Context, timeoutMs: number): TimeLimit {
  const controller = new AbortController()
  const follow = () => controller.abort(reasonOf(context))
  const timer = setTimeout(() => controller.abort(tooLate(timeoutMs)), Math.min(timeoutMs, longestTimerMs))
  if (context.signal.aborted) follow()
  context.signal.addEventListener("abort", follow, { once: true })
  return {
    signal: controller.signal,
    close() {
      clearTimeout(timer)
      context.signal.removeEventListener("abort", follow)
    },
  }
}

function reasonOf({ signal, deadlineAt }: Context): Fault {
  if (isFault(signal.reason)) return signal.reason
  if (Date.now() >= deadlineAt) return new Fault("DEADLINE_EXCEEDED", "The deadline passed before the legacy system had answered.")
  return new Fault("CANCELLED", "Cancelled: nobody waits for the legacy system's answer any more.")
}

function tooLate(timeoutMs: number): Fault {
  return new Fault("DEADLINE_EXCEEDED", `The legacy system did not answer within ${timeoutMs} ms.`)
}
