import { relative } from "node:path"

const noticeAfterMs = 5_000

/**
 * Says so when a configuration is being read for long, and when its process ends before it has been read. Returns what says
 * that it has been. A supervisor sees both for itself.
 */
export function watchReading(file: string): () => void {
  if (process.env["HANOK_SUPERVISED"] === "1") return () => undefined
  const name = relative(process.cwd(), file)
  const slow = setTimeout(() => {
    process.stderr.write(`hanok: ${name} is still being read: something at the top level of it, or of what it imports, does not end.\n`)
  }, noticeAfterMs).unref()
  const ended = (code: number) => {
    // Whoever sends a signal knows why.
    if (code > 128) return
    const hint = "Something at the top level of it, or of what it imports, ends the process or waits for what never comes."
    process.stderr.write(`hanok: ${name} was not read to its end.\n  ${hint}\n`)
    process.exitCode = 2
  }
  process.once("exit", ended)
  // Nothing is left to wait for. Node would name a line of this program.
  process.once("beforeExit", process.exit)
  return () => {
    clearTimeout(slow)
    process.off("exit", ended)
    process.off("beforeExit", process.exit)
  }
}
