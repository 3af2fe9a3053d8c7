import { performance } from "node:perf_hooks"
import type { RunningService } from "@hanok/runtime"
import type { ReplicaLoad } from "../supervisor/message.ts"

const everyMs = 500

/** Tells how busy this process has been, every half second for as long as it runs. */
export function reportLoad(running: Pick<RunningService, "load">, tell: (load: ReplicaLoad) => void): void {
  let before = performance.eventLoopUtilization()
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization()
    tell({ ...running.load(), eventLoopUtilisation: performance.eventLoopUtilization(now, before).utilization })
    before = now
  }, everyMs)
  timer.unref()
}
