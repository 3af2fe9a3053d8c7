import { monitorEventLoopDelay } from "node:perf_hooks"

export interface LoopDelay {
  /** Mean delay of the event loop in milliseconds, over the last one to two seconds in which it was asked for. */
  meanMs(): number
  close(): void
}

// Each look wakes the process: at 20 ms an idle one spent 2.5 ms of processor time a second on it, at 100 ms 0.6.
const resolutionMs = 100
const windowMs = 1_000

/** Measures by how much timers fire late; from the first time on that anybody asks, who is told 0. */
export function createLoopDelay(now: () => number = () => performance.now()): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  let beganAt: number | undefined
  let last = 0
  // Without a sample the histogram's mean is no number; each sample is the whole time between two looks.
  const current = () => (histogram.count === 0 ? 0 : Math.max(0, histogram.mean / 1e6 - resolutionMs))
  return {
    meanMs() {
      if (beganAt === undefined) {
        beganAt = now()
        histogram.enable()
      }
      if (now() - beganAt < windowMs) return histogram.count === 0 ? last : Math.max(last, current())
      last = current()
      beganAt = now()
      histogram.reset()
      return last
    },
    close: () => histogram.disable(),
  }
}
