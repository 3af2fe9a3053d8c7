import type { Logger } from "@hanok/contract"
import { messageOf } from "../error-text.ts"
import { every } from "../every.ts"

export interface ScheduledJob {
  readonly name: string
  readonly everyMs: number
  /** `tick` numbers the run, equal in all replicas; whoever claims it first runs it. */
  run(tick: number): Promise<void>
}

export interface Jobs {
  /** Starts no more runs, and resolves when those under way have ended. */
  close(): Promise<void>
}

/** A timer that is longer begins with its process, which may not live that long, and has an end at 24 days. */
const longestBeatMs = 60_000

/** A job that fails each second for one reason tells it no more often, in milliseconds. */
const toldAgainMs = 60_000

/**
 * Runs each job every `everyMs`. Ticks are counted from the epoch, so that all replicas name the same run alike
 * and the journal lets one of them carry it out. A job that is still running skips its next tick.
 */
export function createJobs(jobs: readonly ScheduledJob[], log: Logger): Jobs {
  const underWay = new Map<ScheduledJob, Promise<void>>()
  const told = new Map<ScheduledJob, { readonly error: string; readonly atMs: number }>()
  const stops = jobs.map((job) => everyTick(job, (tick) => begin(job, tick)))

  function begin(job: ScheduledJob, tick: number): void {
    if (underWay.has(job)) return
    const run = job
      .run(tick)
      .then(
        () => void told.delete(job),
        (error: unknown) => tell(job, messageOf(error)),
      )
      .finally(() => underWay.delete(job))
    underWay.set(job, run)
  }

  function tell(job: ScheduledJob, error: string): void {
    const before = told.get(job)
    if (before?.error === error && Math.abs(Date.now() - before.atMs) < toldAgainMs) return
    told.set(job, { error, atMs: Date.now() })
    log.warn("job failed; its next tick tries again", { job: job.name, error })
  }

  return {
    async close() {
      for (const stop of stops) stop()
      await Promise.allSettled(underWay.values())
    },
  }
}

// One that runs seldom looks every so often whether its next tick has come.
function everyTick({ everyMs }: ScheduledJob, begin: (tick: number) => void): () => void {
  const present = () => Math.floor(Date.now() / everyMs)
  if (everyMs <= longestBeatMs) return every(everyMs, () => begin(present()))
  let last = present()
  return every(longestBeatMs, () => {
    const tick = present()
    if (tick !== last) begin((last = tick))
  })
}
