import { leave } from "./leave.ts"
import { createProgram } from "./program.ts"
import { report } from "./report.ts"

process.stdout.on("error", unwritten)
// Whom a message does not reach cannot be told so; the exit code is still what it is.
process.stderr.on("error", () => undefined)
try {
  await createProgram().parseAsync(process.argv)
  process.exitCode ??= 0
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
