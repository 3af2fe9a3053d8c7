import type { Meter } from "./business/meter.ts"
import type { Most } from "./business/ramp.ts"
import { tallyOf } from "./check/finding.ts"
import type { Finding, Tally } from "./check/finding.ts"
import type { Promised } from "./check/promised.ts"
import type { FaultReport } from "./faults/schedule.ts"
import type { ChaosOptions } from "./options.ts"

/** How it went. Exactly this is printed with `--json`. */
export interface ChaosReport extends Tally {
  readonly orders_acknowledged: number
  /** Good answers a second during a surge as a part of the most right after it, on average of all surges; `null` without one. */
  readonly goodput_share_during_surge: number | null
  readonly goodput_share_of_worst_surge: number | null
  /** Of the faults that kill a process or its connections; `null` without such. */
  readonly recovery_ms_p99: number | null
  readonly faults: readonly (FaultReport & { readonly beside: readonly string[] })[]
  /** Faults that could not be inflicted here, and why. */
  readonly skipped: readonly { readonly name: string; readonly why: string | undefined }[]
  readonly seed: number
  readonly minutes: number
  /** Found by the ramp at the beginning. */
  readonly most_good_per_second: number
  readonly requests: number
  /** Commands of which, after all was mended, still nobody knew what had become of them. */
  readonly unresolved: number
  /** What must not have happened, in words: the first of them. */
  readonly wrong: readonly string[]
  readonly requests_by_operation: Readonly<Record<string, number>>
  readonly request_faults: Readonly<Record<string, number>>
  readonly surprises: readonly string[]
  readonly passed: boolean
}

export interface Outcome {
  readonly options: ChaosOptions
  readonly most: Most
  readonly faults: readonly FaultReport[]
  readonly skipped: ChaosReport["skipped"]
  readonly unresolved: number
  /** What never came to its end, in words; empty when all did. */
  readonly restless: string
  readonly promised: Promised
  readonly findings: readonly Finding[]
  readonly meter: Meter
  /** Why the shop is no longer there, if so. */
  readonly gone: string | undefined
}

const mostWords = 60

export function reportOf({ options, most, faults, skipped, unresolved, restless, promised, findings, meter, gone }: Outcome): ChaosReport {
  const wrong = [
    ...(gone === undefined ? [] : [`hanok dev has ended by itself: ${gone}`]),
    ...(unresolved === 0 ? [] : [`of ${unresolved} commands nobody knows what became of them`]),
    ...(restless === "" ? [] : [`the shop does not come to rest: ${restless}`]),
    ...faults.flatMap((fault) => fault.wrong ?? []),
    ...meter.misunderstood().map((what) => `a request that was as it should be was answered otherwise: ${what}`),
    ...findings.map(({ measure, what }) => `${measure}: ${what}`),
  ]
  const shares = faults.flatMap(({ name, notes }) => (name === "surge" ? [Number(notes?.["share"])] : []))
  return {
    orders_acknowledged: promised.orders.length,
    ...tallyOf(findings),
    goodput_share_during_surge: thousandths(shares.reduce((sum, share) => sum + share, 0) / shares.length),
    goodput_share_of_worst_surge: thousandths(Math.min(...shares)),
    recovery_ms_p99: recoveryP99(faults),
    faults: faults.map((fault) => ({
      ...fault,
      beside: besideOf(fault, faults),
      atMs: Math.round(fault.atMs),
      tookMs: Math.round(fault.tookMs),
      recoveryMs: rounded(fault.recoveryMs),
    })),
    skipped,
    seed: options.seed,
    minutes: options.minutes,
    most_good_per_second: Math.round(most.goodPerSecond),
    requests: meter.requests,
    unresolved,
    wrong: wrong.slice(0, mostWords),
    requests_by_operation: meter.asked(),
    request_faults: meter.faults(),
    surprises: meter.surprises(),
    passed: wrong.length === 0,
  }
}

/** What else was there at some time while it was. */
function besideOf(fault: FaultReport, faults: readonly FaultReport[]): readonly string[] {
  const endMs = fault.atMs + fault.tookMs
  const others = faults.filter((other) => other !== fault && other.atMs < endMs && other.atMs + other.tookMs > fault.atMs)
  return others.map(({ name }) => name)
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms)
}

function thousandths(share: number): number | null {
  return Number.isFinite(share) ? Math.round(share * 1_000) / 1_000 : null
}

function recoveryP99(faults: readonly FaultReport[]): number | null {
  const times = faults.flatMap(({ name, recoveryMs }) => (name.startsWith("kill-") && recoveryMs !== null ? [recoveryMs] : []))
  const sorted = times.toSorted((one, other) => one - other)
  return rounded(sorted[Math.ceil(sorted.length * 0.99) - 1] ?? null)
}
