import { parseArgs } from "node:util"

export interface ChaosOptions {
  /** How long faults are inflicted, each kind once at least; starting, finding the maximum and the final check come on top. */
  readonly minutes: number
  /** The same seed, the same customers, and the same faults in the same order. */
  readonly seed: number
  readonly json: boolean
  /** The only kinds of faults to inflict; all when empty. */
  readonly faults: readonly string[]
  /** Runs those of `seeds.ts` instead. */
  readonly known: boolean
  /** Prints what the shop's processes say. */
  readonly logs: boolean
}

export const usage = `Usage: npm run chaos -- [options]

Runs the split shop under load, inflicts faults on it, and checks at the end that it has kept its promises.

  --minutes <n>     how long faults are inflicted, each kind once at least (1)
  --seed <n>        the same seed, the same customers and faults (1)
  --faults <a,b>    only these kinds
  --known           run every seed that has ever failed, one after the other
  --json            print one JSON object
  --logs            print what the shop's processes say
  --help            print this and the kinds of faults

Ends with 0 when nothing was lost or doubled, with 1 otherwise, with 2 when an option is wrong or the shop does not start.
`

/** What the arguments ask for; `help` when they ask for that. Throws what is wrong with them. */
export function parseOptions(args: readonly string[], kinds: readonly string[]): ChaosOptions | "help" {
  const { values } = parseArgs({ args: [...args], options: known, strict: true })
  if (values.help) return "help"
  const faults = values.faults === "" ? [] : values.faults.split(",")
  const unknown = faults.filter((fault) => !kinds.includes(fault))
  if (unknown.length > 0) throw new Error(`There is no fault ${unknown.join(", ")}; there are ${kinds.join(", ")}.`)
  return {
    minutes: numberOf("minutes", values.minutes, 0.05, 24 * 60),
    seed: numberOf("seed", values.seed, 0, 2 ** 31),
    json: values.json,
    faults,
    known: values.known,
    logs: values.logs,
  }
}

const known = {
  minutes: { type: "string", default: "1" },
  seed: { type: "string", default: "1" },
  faults: { type: "string", default: "" },
  json: { type: "boolean", default: false },
  known: { type: "boolean", default: false },
  logs: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const

function numberOf(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (text.trim() !== "" && value >= least && value <= most) return value
  throw new Error(`--${name} is "${text}"; it takes a number from ${least} to ${most}.`)
}
