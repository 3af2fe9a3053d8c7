import type { Writable } from "node:stream"
import { harmless, harmlessInColour } from "../terminal-text.ts"

const colours = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94]
/** What may wait for whoever reads, in characters; what is more is left out, and counted. */
const mostWaiting = 16 * 1024 * 1024

/** Prints the lines of many processes, each behind its label. Who does not read them, as a terminal that was held by Ctrl-S, holds nothing up. */
export interface Output {
  line(label: string, text: string): void
  notice(text: string): void
}

export function createOutput(stream: Writable, coloured: boolean): Output {
  let leftOut = 0
  const print = (label: string, text: string) => {
    if (stream.writableLength > mostWaiting) return void leftOut++
    const gap = leftOut > 0 ? `${paint("hanok", "hanok".padEnd(12))} ${leftOut} lines are left out here: nobody read them\n` : ""
    leftOut = 0
    stream.write(`${gap}${paint(label, label.padEnd(12))} ${text}\n`)
  }
  const known = new Map<string, number>()
  const paint = (label: string, text: string) => {
    const colour = known.get(label) ?? colours[known.size % colours.length] ?? 0
    known.set(label, colour)
    return coloured ? `\u001b[${colour}m${text}\u001b[0m` : text
  }
  // Node waits for a terminal until that has taken all, and does nothing else meanwhile: no trace is kept, and nothing started again.
  const { _handle: handle } = stream as { readonly _handle?: { readonly setBlocking?: (isBlocking: boolean) => void } }
  handle?.setBlocking?.(false)
  // Whatever a text says, what begins at the edge is a line of its own.
  const line = (label: string, text: string) => print(label, readable(text).replaceAll("\n", `\n${" ".repeat(13)}`))
  // It tells what went wrong in a module's words, too.
  return { line, notice: (text) => line("hanok", text) }
}

const levels: Readonly<Record<number, string>> = { 20: "debug", 30: "info", 40: "WARN", 50: "ERROR", 60: "FATAL" }
const quiet = new Set(["level", "time", "service", "instance", "msg", "trace_id", "span_id", "module", "operation"])

/** A line of pino's as a person reads it; any other line as it is, but for what a terminal would obey other than colours. */
export function readable(line: string): string {
  const entry = entryOf(line)
  if (!entry) return harmlessInColour(line)
  const rest = Object.entries(entry).filter(([name]) => !quiet.has(name))
  const details = rest.map(([name, value]) => `${name}=${textOf(value)}`)
  const trace = typeof entry["trace_id"] === "string" ? [`trace=${entry["trace_id"]}`] : []
  const level = typeof entry["level"] === "number" ? levels[entry["level"]] : undefined
  // The text in it may be anybody's.
  return harmless([level ?? "", ...originOf(entry), textOf(entry["msg"]), ...details, ...trace].join(" "))
}

// A process may have many modules. What one does for an event of another names both.
function originOf({ module, operation }: Readonly<Record<string, unknown>>): readonly string[] {
  if (typeof module !== "string") return []
  if (typeof operation !== "string") return [`${module}:`]
  return [operation.startsWith(`${module}.`) ? `${operation}:` : `${module} on ${operation}:`]
}

// A module may print JSON of its own, with what somebody else has written in it.
function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value)
}

function entryOf(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith("{")) return undefined
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === "object" && entry !== null && "msg" in entry ? (entry as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
