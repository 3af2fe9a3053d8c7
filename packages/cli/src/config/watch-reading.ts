import { relative } from "node:path"

const noticeAfterMs = 5_000

/** Nobody can tell the one from the other. */
export const whyReadingTakesLong =
  "the machine has little time for it, or something at the top level of it, or of what it imports, takes long or does not end."

/** The names of what is being read. There may be many at once, and a process warns of many listeners. */
const reading = new Set<{ readonly name: string }>()

/**
 * Says so when a configuration is being read for long, and when its process ends before it has been read. Returns what says
 * that it has been. A supervisor sees both for itself.
 */
export function watchReading(file: string): () => void {
  if (process.env["HANOK_SUPERVISED"] === "1") return () => undefined
  const name = relative(process.cwd(), file)
  const slow = setTimeout(() => {
    process.stderr.write(`hanok: ${name} is still being read: ${whyReadingTakesLong}\n`)
  }, noticeAfterMs).unref()
  if (reading.size === 0) {
    process.once("exit", ended)
    // Nothing is left to wait for. Node would name a line of this program.
    process.once("beforeExit", process.exit)
  }
  const one = { name }
  reading.add(one)
  return () => {
    clearTimeout(slow)
    reading.delete(one)
    if (reading.size === 0) forget()
  }
}

/** Nobody waits for what is being read any more, and its end is no trouble. */
export function readNoFurther(): void {
  reading.clear()
  forget()
}

function forget(): void {
  process.off("exit", ended)
  process.off("beforeExit", process.exit)
}

function ended(code: number): void {
  // Whoever sends a signal knows why.
  if (code > 128) return
  const hint = "Something at the top level of it, or of what it imports, ends the process or waits for what never comes."
  for (const { name } of reading) process.stderr.write(`hanok: ${name} was not read to its end.\n  ${hint}\n`)
  process.exitCode = 2
}
