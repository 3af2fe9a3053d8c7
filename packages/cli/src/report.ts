import { CommanderError } from "commander"
import { adviceOf, CliError } from "./cli-error.ts"
import { harmlessInColour } from "./terminal-text.ts"

/** Tells on standard error why a command ends, and returns its exit code. */
export function report(error: unknown): number {
  // Commander has printed its own message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof CliError) {
    // The supervisor has been told, and tells it once.
    if (process.env["HANOK_SUPERVISED"] === "1" && process.send) return error.exitCode
    process.stderr.write(`hanok: ${harmlessInColour(adviceOf(error))}\n`)
    return error.exitCode
  }
  process.stderr.write(`hanok: ${harmlessInColour(textOf(error))}\n`)
  return 3
}

// What the system refuses says what and where; anything else is a fault of this program, and its stack says where to mend it.
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return "syscall" in error ? error.message : (error.stack ?? error.message)
}
