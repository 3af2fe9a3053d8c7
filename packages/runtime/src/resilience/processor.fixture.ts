import type { Fault, Priority } from "@hanok/contract"
import type { Gate, Visit } from "./gate.ts"

/** A call of the simulation. */
interface Job extends Visit {
  readonly arrivedMs: number
  readonly waitMs: number
  leftMs: number
  outcome: "waiting" | "running" | "done" | "failed" | "shed" | "cut"
  doneMs: number
}

export interface Load {
  /** Processor time of one call; of one of a priority. */
  readonly workMs: number | Readonly<Record<Priority, number>>
  /** Time in which a call waits for others, and needs no processor; of that call. */
  readonly waitMs: number | ((call: number) => number)
  readonly callsPerSecond: number
  readonly seconds: number
  readonly priority?: (call: number) => Priority
  /** Whether what calls wait for is away then, so that they fail at once. */
  readonly isAway?: (nowMs: number) => boolean
  /** When calls that are not done are stopped: because their callers go away, or their time has run out. Never when not given. */
  readonly stop?: { readonly afterMs: number; readonly as: "cut" | "failed" }
}

const stepMs = 1
const patienceMs = 2_000

/**
 * One processor behind a gate, in simulated time: it is shared evenly by all calls that run, as an event loop's turns are.
 * Calls are answered or shed; those answered after two seconds are of no use to their callers. The
 * gate's clock shows `originMs` when it begins; times of jobs are from there.
 */
export function simulate(
  gate: (now: () => number) => Gate,
  load: Load,
  originMs = Date.UTC(2026),
): { readonly jobs: readonly Job[]; readonly gate: Gate } {
  const clock = { nowMs: 0 }
  const behind = gate(() => originMs + clock.nowMs)
  const jobs: Job[] = []
  const present: Job[] = []
  const running = new Set<Job>()
  for (let step = 0; step < load.seconds * 1000; step++) {
    clock.nowMs += stepMs
    while (jobs.length < (clock.nowMs / 1000) * load.callsPerSecond) present.push(arrive(behind, jobs, running, load, clock))
    stop(behind, present, running, load, clock.nowMs)
    work(behind, running, load, clock)
    if (step % 10 === 0) behind.tidy()
  }
  behind.close()
  return { jobs, gate: behind }
}

function arrive(gate: Gate, jobs: Job[], running: Set<Job>, load: Load, clock: { readonly nowMs: number }): Job {
  const priority = load.priority?.(jobs.length) ?? "normal"
  const job: Job = {
    operation: gate.operation(priority, priority),
    compartment: gate.compartment("caller"),
    deadlineMs: gate.now() + patienceMs,
    gateAtMs: 0,
    isIn: false,
    company: "many",
    arrivedMs: clock.nowMs,
    waitMs: typeof load.waitMs === "number" ? load.waitMs : load.waitMs(jobs.length),
    leftMs: typeof load.workMs === "number" ? load.workMs : load.workMs[priority],
    outcome: "waiting",
    doneMs: 0,
    begin: () => {
      job.outcome = "running"
      running.add(job)
    },
    shed: (_fault: Fault) => void (job.outcome = "shed"),
  }
  jobs.push(job)
  gate.enter(job)
  return job
}

// They came in this order, so they go in it.
function stop(gate: Gate, present: Job[], running: Set<Job>, { stop: how }: Load, nowMs: number): void {
  if (!how) return
  while (present[0] && nowMs - present[0].arrivedMs >= how.afterMs) {
    const job = present.shift()
    if (job?.outcome === "waiting") gate.withdraw(job)
    else if (job && running.delete(job)) gate.leave(job, how.as)
    else continue
    job.outcome = how.as
  }
}

// What waits for others is done when its time has passed; its work is spread over that time.
function work(gate: Gate, running: Set<Job>, { isAway }: Load, clock: { readonly nowMs: number }): void {
  let budgetMs = stepMs
  const ending = isAway?.(clock.nowMs) ? "failed" : "done"
  for (const job of Array.from(running)) {
    const shareMs = Math.min(job.leftMs, budgetMs)
    job.leftMs -= shareMs
    budgetMs -= shareMs
    // Turns are taken in the order of the set: whoever has had one goes to its end.
    if (shareMs > 0 && job.leftMs > 0) {
      running.delete(job)
      running.add(job)
    }
    if (ending === "done" && (job.leftMs > 1e-9 || gate.now() - job.gateAtMs < job.waitMs)) continue
    running.delete(job)
    job.outcome = ending
    job.doneMs = clock.nowMs
    gate.leave(job, ending)
  }
}

export function usefulIn(jobs: readonly Job[], fromMs: number, toMs: number): readonly Job[] {
  return jobs.filter(
    ({ outcome, arrivedMs, doneMs }) => outcome === "done" && doneMs >= fromMs && doneMs < toMs && doneMs - arrivedMs <= patienceMs,
  )
}
