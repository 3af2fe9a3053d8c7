import { setTimeout as sleep } from "node:timers/promises"
import type { Random } from "../../../examples/shop/load/random.ts"
import type { Fault, Inflicted, Site } from "./fault.ts"

export interface FaultReport extends Inflicted {
  readonly name: string
  /** Since the first could have been inflicted. */
  readonly atMs: number
  readonly tookMs: number
}

export interface ScheduleOptions {
  readonly kinds: readonly Fault[]
  readonly site: Site
  readonly random: Random
  readonly forMs: number
  readonly signal: AbortSignal
  readonly onFault: (name: string) => void
  readonly onReport: (report: FaultReport) => void
}

/** At times the next fault comes while the last is still there. These are left to themselves. */
const alone = new Set(["surge", "newer-version", "incompatible-version", "rolling-restart"])
const togetherShare = 0.25

/**
 * Inflicts every kind of fault, in an order that the seed decides: all of them once, and then again and again until the time
 * is over. The last one ends in peace.
 */
export async function runSchedule(options: ScheduleOptions): Promise<readonly FaultReport[]> {
  const { site, random, forMs, signal, kinds } = options
  const begun = performance.now()
  const isOver = (round: number) => signal.aborted || (round > 0 && performance.now() - begun >= forMs)
  const reports: FaultReport[] = []
  let under: Promise<void> = Promise.resolve()
  const begin = (fault: Fault, own: Random) => {
    const inflicting = inflict(fault, own, options, begun).then((report) => {
      reports.push(report)
      options.onReport(report)
    })
    under = Promise.all([under, inflicting]).then(() => undefined)
  }
  for (let round = 0; !isOver(round); round++) {
    for (const [place, fault] of surgesFirst(shuffled(kinds, random.fork(round)), round).entries()) {
      if (isOver(round)) break
      const own = random.fork(1_000 + round * 100 + place)
      const joins = own.chance(togetherShare) && !alone.has(fault.name)
      if (!joins) await under
      if (isOver(round)) break
      begin(fault, own)
      if (alone.has(fault.name)) await under
      await sleep(own.between(500, 2_500) * site.brevity, undefined, { signal }).catch(() => undefined)
    }
  }
  await under
  return reports
}

async function inflict(fault: Fault, own: Random, { site, onFault }: ScheduleOptions, begun: number): Promise<FaultReport> {
  const atMs = performance.now() - begun
  onFault(fault.name)
  try {
    const inflicted = await fault.inflict(site, own)
    return { name: fault.name, atMs, tookMs: performance.now() - begun - atMs, ...inflicted }
  } catch (error) {
    const wrong = [`${fault.name} could not be inflicted: ${error instanceof Error ? error.message : String(error)}`]
    return { name: fault.name, atMs, tookMs: performance.now() - begun - atMs, target: "", recoveryMs: null, wrong }
  }
}

// The first surge comes to a shop to which nothing has happened yet.
function surgesFirst(kinds: readonly Fault[], round: number): readonly Fault[] {
  return round > 0 ? kinds : [...kinds.filter(({ name }) => name === "surge"), ...kinds.filter(({ name }) => name !== "surge")]
}

function shuffled<T>(list: readonly T[], random: Random): readonly T[] {
  return list
    .map((one) => ({ one, place: random.next() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ one }) => one)
}
