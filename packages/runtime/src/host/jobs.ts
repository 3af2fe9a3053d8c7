import { isFault } from "@hanok/contract"
import type { Logger } from "@hanok/contract"
import { messageOf, stackOf } from "../error-text.ts"
import { every } from "../every.ts"

export interface ScheduledJob {
  readonly name: string
  readonly everyMs: number
  /**
   * `tick` numbers the run, equal in all replicas; whoever claims it first runs it. Resolves to `elsewhere` while another is at it,
   * who may not come to its end.
   */
  run(tick: number): Promise<"elsewhere" | void>
}

export interface Jobs {
  /** Starts no more runs, and resolves when those under way have ended. */
  close(): Promise<void>
}

/** A timer that is longer begins with its process, which may not live that long, and has an end at 24 days. */
const longestBeatMs = 60_000

/** So long ago a run may have been due that a process which begins only now sees to, in milliseconds: who was there may have ended before its beat, or in the midst of it. */
const seenToMs = 2 * longestBeatMs

/** A job that fails each second for one reason tells it no more often, in milliseconds. */
const toldAgainMs = 60_000

/**
 * Runs each job every `everyMs`. Ticks are counted from the epoch, so that all replicas name the same run alike
 * and the journal lets one of them carry it out. A job that is still running skips its next tick. A run of one that runs seldom
 * is not left to its next tick, which may be a month away, when what it needs is away, or the replica that has begun it.
 */
export function createJobs(jobs: readonly ScheduledJob[], log: Logger): Jobs {
  const underWay = new Map<ScheduledJob, Promise<boolean>>()
  const told = new Map<ScheduledJob, { readonly error: string; readonly atMs: number }>()
  const stops = jobs.map((job) => everyTick(job, (tick) => begin(job, tick)))

  // Resolves to whether that tick's run is over.
  async function begin(job: ScheduledJob, tick: number): Promise<boolean> {
    if (underWay.has(job)) return false
    const run = job
      .run(tick)
      .then(
        (where) => {
          told.delete(job)
          return where !== "elsewhere"
        },
        (error: unknown) => {
          tell(job, error)
          return !isPassing(error)
        },
      )
      .finally(() => underWay.delete(job))
    underWay.set(job, run)
    return run
  }

  function tell(job: ScheduledJob, thrown: unknown): void {
    const error = messageOf(thrown)
    const before = told.get(job)
    if (before?.error === error && Math.abs(Date.now() - before.atMs) < toldAgainMs) return
    told.set(job, { error, atMs: Date.now() })
    const next = isPassing(thrown) && job.everyMs > longestBeatMs ? "it is tried again within a minute" : "its next tick tries again"
    log.warn(`job failed; ${next}`, { job: job.name, error, ...(isFault(thrown) ? {} : { stack: stackOf(thrown) }) })
  }

  return {
    async close() {
      for (const stop of stops) stop()
      await Promise.allSettled(underWay.values())
    },
  }
}

// One that runs seldom looks every so often whether its next tick has come, until that one's run is over.
function everyTick({ everyMs }: ScheduledJob, begin: (tick: number) => Promise<boolean>): () => void {
  const tickAt = (timeMs: number) => Math.floor(timeMs / everyMs)
  if (everyMs <= longestBeatMs) return every(everyMs, () => void begin(tickAt(Date.now())))
  let over = tickAt(Date.now() - seenToMs)
  return every(longestBeatMs, async () => {
    const tick = tickAt(Date.now())
    // The clock was set back: that turn has been, and the journal may have forgotten it.
    over = Math.min(over, tick)
    if (tick !== over && (await begin(tick))) over = tick
  })
}

// Its database, or what it calls, is away or busy: it may well be done when that is there again. One whose time was over would not be.
function isPassing(error: unknown): boolean {
  return isFault(error, "UNAVAILABLE") || isFault(error, "OVERLOADED")
}
