import { setTimeout as sleep } from "node:timers/promises"
import type { RunningService } from "@hanok/runtime"

const noticeAfterMs = 2_000
const pauseMs = 20

export interface Patience {
  /** Whether nobody waits any more. */
  isOver(): boolean
  /** Told every two seconds, with what is not ready. */
  onWaiting(waiting: readonly string[]): void
}

/** Resolves when the service serves, or nobody waits any more. */
export async function untilReady(running: RunningService, { isOver, onWaiting }: Patience): Promise<void> {
  let noticeAt = performance.now() + noticeAfterMs
  while (!isOver()) {
    const waiting = await running.unready()
    if (waiting.length === 0) return
    if (performance.now() > noticeAt) {
      onWaiting(waiting)
      noticeAt += noticeAfterMs
    }
    await sleep(pauseMs)
  }
}
