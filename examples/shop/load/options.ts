import { parseArgs } from "node:util"
import { seasons } from "./season.ts"
import type { Season } from "./season.ts"

export interface LoadOptions {
  /** Of the shop's gateway. */
  readonly url: string
  /** Customers at the same time; with `rate`, the most that there may be. */
  readonly customers: number
  readonly seconds: number
  readonly season: Season
  /** Actions that begin in a second, whether or not those before have ended; `undefined`: each customer acts, thinks, and acts again. */
  readonly rate: number | undefined
  /** The same seed gives the same customers, who choose the same. */
  readonly seed: number
  /** The part of the requests (0 to 1) that may fail. */
  readonly failures: number
}

export interface CommandLine extends LoadOptions {
  readonly json: boolean
}

export const usage = `Usage: npm run load -- [options]

Customers of the shop, who browse mostly and order sometimes, until the time is up or Ctrl-C.

  --url <url>         the shop's gateway (http://127.0.0.1:3000)
  --customers <n>     customers at the same time, 1 to 5000 (20)
  --seconds <n>       how long, 1 to 86400 (60)
  --season <name>     what surges in the middle third: ${seasons.join(", ")} (none)
  --rate <n>          actions begun in a second, however long they take; 0.1 to 10000. --customers is then the most there may be
  --seed <n>          the same seed, the same customers (1)
  --failures <part>   the part of the requests that may end without an answer or with a status of 500 and more, 0 to 1 (0.01)
  --json              print the summary as JSON
  --help              print this

Ends with 0; with 1 when more requests failed than may; with 2 when the shop cannot be reached or an option is wrong.
One address may make 100 requests a second unless the topology's gateway says otherwise: the others are counted as TOO_MANY_REQUESTS.
`

/** What the arguments ask for; `help` when they ask for that. Throws what is wrong with them. */
export function parseCommandLine(args: readonly string[]): CommandLine | "help" {
  const { values } = parseArgs({ args: [...args], options: known, strict: true, allowPositionals: false })
  if (values.help) return "help"
  const { season, url } = values
  if (!isSeason(season)) throw new Error(`--season is "${season}"; there are ${seasons.join(", ")}.`)
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Error(`--url is "${url}"; it takes one such as http://127.0.0.1:3000.`)
  return {
    url,
    season,
    json: values.json,
    customers: numberIn("customers", values.customers, 1, 5_000, true),
    seconds: numberIn("seconds", values.seconds, 1, 86_400),
    seed: numberIn("seed", values.seed, 0, 2 ** 31, true),
    failures: numberIn("failures", values.failures, 0, 1),
    rate: values.rate === undefined ? undefined : numberIn("rate", values.rate, 0.1, 10_000),
  }
}

const known = {
  url: { type: "string", default: "http://127.0.0.1:3000" },
  customers: { type: "string", default: "20" },
  seconds: { type: "string", default: "60" },
  season: { type: "string", default: "none" },
  rate: { type: "string" },
  seed: { type: "string", default: "1" },
  failures: { type: "string", default: "0.01" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const

function isSeason(text: string): text is Season {
  return seasons.some((season) => season === text)
}

function numberIn(name: string, text: string, least: number, most: number, whole = false): number {
  const value = Number(text)
  if (text.trim() !== "" && value >= least && value <= most && (!whole || Number.isInteger(value))) return value
  throw new Error(`--${name} is "${text}"; it takes a ${whole ? "whole " : ""}number from ${least} to ${most}.`)
}
