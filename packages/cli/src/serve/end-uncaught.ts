import { setTimeout as sleep } from "node:timers/promises"
import { stackOf } from "@hanok/runtime"
import type { RunningService } from "@hanok/runtime"
import type { Logger as Pino } from "pino"
import { leave } from "../leave.ts"

/** How long what is under way may still take. Nothing new comes in meanwhile, and another process can only follow this one. */
const graceMs = 1_000
/** Spans and all. */
const longestMs = 3_000

/**
 * An error that nobody caught (of a promise that nobody waited for, of a callback) ends the process, as Node has it, for nobody
 * knows what it has left behind. But it is told in the log first, and what others have under way is answered.
 */
export function endUncaught(running: RunningService, log: Pino): void {
  let isEnding = false
  process.on("uncaughtException", (thrown: unknown, origin) => {
    if (isEnding) return
    isEnding = true
    log.fatal({ error: stackOf(thrown), origin }, "nobody caught an error: the process ends")
    void end(running)
  })
}

async function end(running: RunningService): Promise<void> {
  process.exitCode = 1
  await Promise.race([running.close({ graceMs, crashed: true }).catch(() => undefined), sleep(longestMs)])
  leave()
}
