import type { Fault } from "@hanok/contract"
import type { BreakerState } from "../resilience/breaker.ts"
import type { Attempt, Receiver } from "../seam/attempt.ts"

/** An attempt that fails before it is sent anywhere. */
export function refusedAttempt(fault: Fault, receiver: Receiver, breaker: BreakerState = "closed"): Attempt {
  let isOver = false
  const attempt: Attempt = { replica: undefined, breaker, wasSent: false, cancel: () => void (isOver = true) }
  queueMicrotask(() => {
    if (!isOver) receiver.failed(fault, attempt)
  })
  return attempt
}
