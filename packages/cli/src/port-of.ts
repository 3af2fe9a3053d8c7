import { CliError } from "./cli-error.ts"

/** The port that a variable or an option says, undefined when it says nothing. Throws when it says no port. */
export function portOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new CliError(`${name} is "${text}".`, "It takes a port from 0 (any free one) to 65535.", 2)
}
