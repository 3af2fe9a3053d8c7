import type { Verdict } from "./judge.ts"
import type { FuzzOptions } from "./options.ts"
import type { Memory } from "./server/message.ts"

/** An input that the shop has not withstood. */
export interface Trouble {
  /** `--only` sends it again, with the same seed. */
  readonly number: number
  readonly attack: string
  readonly verdict: Verdict
  readonly status: number
  readonly answer: string
  readonly sent: string
}

/** How it went. Exactly this is printed with `--json`. */
export interface FuzzReport {
  readonly inputs: number
  readonly seed: number
  readonly seconds: number
  readonly crashes: number
  /** Statuses of 500 and more, and faults of the server on the wire. */
  readonly server_errors: number
  /** Inputs without a valid identity that got more than a refusal where one is asked for. */
  readonly let_in: number
  readonly hangs: number
  readonly shows_inside: number
  /** Answered with `OVERLOADED`, which is no trouble. */
  readonly shed: number
  /** That hold places at the gates although nobody asks for anything any more: after a while, none may. */
  readonly calls_left: number | null
  /** From a fifth of the inputs to the end, after collecting what is not used any more. */
  readonly heap_growth_bytes: number | null
  readonly rss_growth_bytes: number | null
  readonly rss_bytes: number | null
  /** Commands that were carried out meanwhile: what they have made is kept in memory. */
  readonly commands_carried_out: number
  /** How often each attack was answered with each status; 0 is a connection that was closed. */
  readonly answers: Readonly<Record<string, number>>
  readonly troubles: readonly Trouble[]
  readonly last_words: readonly string[]
  readonly passed: boolean
}

export interface Outcome {
  readonly options: FuzzOptions
  readonly sent: number
  readonly kept: number
  readonly begun: number
  readonly verdicts: ReadonlyMap<Verdict, number>
  readonly answers: ReadonlyMap<string, number>
  readonly troubles: readonly Trouble[]
  readonly before: Memory | undefined
  readonly after: Memory | undefined
  readonly callsLeft: number | undefined
  readonly crashed: string | undefined
  readonly lastWords: readonly string[]
}

/** The collector leaves the heap as large as it once was. */
const growthAllowedBytes = 64 * 1024 * 1024
/** What a command has made, with its events, its messages and its answer under its key. */
const keptAllowedBytes = 8 * 1024

export function reportOf(outcome: Outcome): FuzzReport {
  const { options, sent, kept, begun, verdicts, answers, troubles, before, after, callsLeft, crashed, lastWords } = outcome
  const times = (verdict: Verdict) => verdicts.get(verdict) ?? 0
  const grown = (field: keyof Memory) => (before && after ? after[field] - before[field] : null)
  const heapGrowth = grown("heapBytes")
  const rssGrowth = grown("rssBytes")
  const allowedBytes = growthAllowedBytes + kept * keptAllowedBytes
  const isSteady = [heapGrowth, rssGrowth].every((bytes) => bytes !== null && bytes <= allowedBytes)
  const isHarmed = (["server error", "let in", "hangs", "shows its inside"] as const).some((verdict) => times(verdict) > 0)
  return {
    inputs: sent,
    seed: options.seed,
    seconds: Math.round((performance.now() - begun) / 100) / 10,
    crashes: crashed === undefined ? 0 : 1,
    server_errors: times("server error"),
    let_in: times("let in"),
    hangs: times("hangs"),
    shows_inside: times("shows its inside"),
    shed: times("shed"),
    calls_left: callsLeft ?? null,
    heap_growth_bytes: heapGrowth,
    rss_growth_bytes: rssGrowth,
    rss_bytes: after?.rssBytes ?? null,
    commands_carried_out: kept,
    answers: Object.fromEntries([...answers].toSorted()),
    troubles,
    last_words: crashed === undefined && !isHarmed ? [] : lastWords,
    passed: crashed === undefined && !isHarmed && isSteady && callsLeft === 0,
  }
}
