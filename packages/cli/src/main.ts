import { CommanderError } from "commander"
import { CliError } from "./cli-error.ts"
import { leave } from "./leave.ts"
import { createProgram } from "./program.ts"

process.stdout.on("error", unwritten)
try {
  await createProgram().parseAsync(process.argv)
} catch (error) {
  process.exitCode = report(error)
}
// What an application's modules have opened, as they were read, keeps nobody waiting.
leave()

function unwritten(error: NodeJS.ErrnoException): void {
  // Whoever reads has enough: `hanok graph | head`.
  if (error.code === "EPIPE") return
  process.stderr.write(`hanok: standard output cannot be written: ${error.message}\n`)
  process.exitCode = 3
}

function report(error: unknown): number {
  // Commander has printed its own message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof CliError) {
    // The supervisor has been told, and tells it once.
    if (process.env["HANOK_SUPERVISED"] === "1" && process.send) return error.exitCode
    process.stderr.write(`hanok: ${error.message}\n${error.hint === "" ? "" : `  ${error.hint}\n`}`)
    return error.exitCode
  }
  process.stderr.write(`hanok: ${textOf(error)}\n`)
  return 3
}

// What the system refuses says what and where; anything else is a fault of this program, and its stack says where to mend it.
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return "syscall" in error ? error.message : (error.stack ?? error.message)
}
