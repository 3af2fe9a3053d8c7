import { parseArgs } from "node:util"

export interface FuzzOptions {
  readonly inputs: number
  /** The same seed, the same inputs. */
  readonly seed: number
  readonly json: boolean
  /** Only the input of that number: for finding out what it does. */
  readonly only: number | undefined
}

export const usage = `Usage: npm run fuzz -- [options]

Sends malformed, truncated, oversized and hostile inputs to the shop's gateway and to the port of its seams.

  --inputs <n>   how many (1000000)
  --seed <n>     the same seed, the same inputs (1)
  --only <n>     only the input of that number
  --json         print one JSON object
  --help         print this

Ends with 0 when the shop has withstood them all, with 1 otherwise, with 2 when an option is wrong or the shop does not start.
`

/** What the arguments ask for; `help` when they ask for that. Throws what is wrong with them. */
export function parseOptions(args: readonly string[]): FuzzOptions | "help" {
  const { values } = parseArgs({ args: [...args], options: known, strict: true })
  if (values.help) return "help"
  return {
    inputs: wholeNumber("inputs", values.inputs, 1),
    seed: wholeNumber("seed", values.seed, 0),
    only: values.only === undefined ? undefined : wholeNumber("only", values.only, 0),
    json: values.json,
  }
}

const known = {
  inputs: { type: "string", default: "1000000" },
  seed: { type: "string", default: "1" },
  only: { type: "string" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text)
  if (text.trim() !== "" && Number.isInteger(value) && value >= least) return value
  throw new Error(`--${name} is "${text}"; it takes a whole number from ${least}.`)
}
