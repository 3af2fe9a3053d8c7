import { setTimeout as sleep } from "node:timers/promises"
import type { Mood } from "./season.ts"
import type { Random } from "./random.ts"

/** Somebody who does one thing after another. */
export interface Actor {
  /** Does one thing, chosen by the mood. Never rejects: what went wrong is counted where requests are. */
  act(mood: Mood): Promise<void>
}

export interface CrowdOptions {
  readonly customers: number
  /** Actions begun in a second; without it each customer acts, thinks, and acts again. */
  readonly rate: number | undefined
  readonly random: Random
  readonly createActor: (number: number) => Actor
  readonly moodNow: () => Mood
  /** Ends the run: nobody begins anything new. */
  readonly signal: AbortSignal
}

export interface CrowdReport {
  /** With a rate: actions that could not begin in time, because every customer was busy. */
  readonly late: number
}

/** Lets the customers loose. Resolves when the signal has ended it and all that was begun has ended. */
export function runCrowd(options: CrowdOptions): Promise<CrowdReport> {
  return options.rate === undefined ? runInLoops(options) : runAtRate(options, options.rate)
}

async function runInLoops({ customers, random, createActor, moodNow, signal }: CrowdOptions): Promise<CrowdReport> {
  const loop = async (number: number) => {
    const own = random.fork(-1 - number)
    const actor = createActor(number)
    // They don't come all at once.
    await pause(own.next() * moodNow().thinkMs, signal)
    while (!signal.aborted) {
      await actor.act(moodNow())
      await pause(own.exponential(moodNow().thinkMs), signal)
    }
  }
  await Promise.all(Array.from({ length: customers }, (_, number) => loop(number)))
  return { late: 0 }
}

// An open loop: a slow shop gets no fewer requests for being slow, as long as there are customers left.
async function runAtRate({ customers, random, createActor, moodNow, signal }: CrowdOptions, rate: number): Promise<CrowdReport> {
  const idle: Actor[] = []
  const busy = new Set<Promise<void>>()
  let made = 0
  let late = 0
  let dueAt = performance.now()
  while (!signal.aborted) {
    dueAt += random.exponential(1_000 / rate)
    await pause(dueAt - performance.now(), signal)
    if (signal.aborted) break
    const actor = idle.pop() ?? (made < customers ? createActor(made++) : undefined)
    if (!actor) {
      late += 1
      continue
    }
    const work = actor.act(moodNow()).finally(() => {
      busy.delete(work)
      idle.push(actor)
    })
    busy.add(work)
  }
  await Promise.all(busy)
  return { late }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
