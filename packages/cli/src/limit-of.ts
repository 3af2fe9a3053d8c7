import { CliError } from "./cli-error.ts"

/** How many `--limit` asks for. Throws when it is no whole number from 1. */
export function limitOf(text: string): number {
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1) return limit
  throw new CliError(`--limit is "${text}".`, "It takes a whole number from 1.", 2)
}
