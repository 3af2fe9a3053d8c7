import { Fault, isFault } from "@hanok/contract"
import { until } from "../until.ts"

/** One line that a module or the runtime has logged, as pino writes it. */
export type LogLine = Readonly<Record<string, unknown>>

const mostLines = 10_000
const causeWithinMs = 250

/** Keeps what the services under test log, so that the test can look at it, and so that a fault can tell its cause. */
export class LineLog {
  readonly #lines: LogLine[] = []

  get all(): readonly LogLine[] {
    return this.#lines
  }

  /** Takes a line of JSON. Returns `false` when it is none. */
  write(text: string): boolean {
    const line = parsed(text)
    if (!line) return false
    this.#lines.push(line)
    if (this.#lines.length > mostLines) this.#lines.shift()
    return true
  }

  /** The same error; a fault that hides its cause from callers gets what was logged in its trace as its `cause`. */
  async explain(thrown: unknown, traceId: string): Promise<unknown> {
    if (!isFault(thrown, "INTERNAL")) return thrown
    const lines = await until(() => this.#linesOf(traceId), { withinMs: causeWithinMs }).catch(() => [])
    if (lines.length === 0) return thrown
    const { code, message, issues, hint } = thrown
    return new Fault(code, message, { issues, hint, cause: new Error(lines.map(textOf).join("\n")) })
  }

  // Of another process they come a moment after its reply.
  #linesOf(traceId: string): readonly LogLine[] | undefined {
    const lines = this.#lines.filter((line) => line["trace_id"] === traceId && line["error"] !== undefined)
    return lines.length === 0 ? undefined : lines
  }
}

function textOf(line: LogLine): string {
  return `${String(line["module"])} logged: ${String(line["msg"])} ${String(line["error"])}`
}

function parsed(text: string): LogLine | undefined {
  if (!text.startsWith("{")) return undefined
  try {
    return JSON.parse(text) as LogLine // a line of pino is an object
  } catch {
    return undefined
  }
}
