import type { Logger, TraceContext } from "@hanok/contract"
import pino from "pino"
import type { DestinationStream, Logger as Pino } from "pino"
import { isError, messageOf, stackOf } from "./error-text.ts"
import { standardOutput } from "./log-output.ts"

export interface LogOptions {
  readonly service: string
  readonly instance: string
  /** `info` when not given. */
  readonly level?: string | undefined
  /** Standard output when not given. */
  readonly destination?: DestinationStream
}

/** Structured logs as JSON lines, each with the service's name. */
export function createLog(options: LogOptions): Pino {
  const settings = { level: options.level ?? "info", base: { service: options.service, instance: options.instance } }
  return pino(settings, options.destination ?? standardOutput())
}

/**
 * The face of the log that modules see; each line carries the ids of the span it was written in. An error in a field is written with its
 * stack and its causes, as text; in `err` as pino does that. A field whose name the line has already, such as `level`, is
 * written as `fields.level`.
 */
export function loggerFor(log: Pino, bindings: Readonly<Record<string, unknown>>, trace?: () => TraceContext): Logger {
  const fields = (more: Readonly<Record<string, unknown>> = {}) => {
    const ids = trace?.()
    const own = ids ? { ...bindings, trace_id: ids.traceId, span_id: ids.spanId } : bindings
    return { ...own, ...shown(more, own) }
  }
  return {
    debug: (message, more) => log.debug(fields(more), message),
    info: (message, more) => log.info(fields(more), message),
    warn: (message, more) => log.warn(fields(more), message),
    error: (message, more) => log.error(fields(more), message),
  }
}

/** What each line has, whoever writes it. */
const ofEach: ReadonlySet<string> = new Set(["level", "time", "service", "instance", "msg"])

// JSON has nothing of an error but what a library has added to it. Whoever logs goes on, whatever the fields are; and whoever
// reads two fields of one name believes the last.
function shown(fields: Readonly<Record<string, unknown>>, own: object): Readonly<Record<string, unknown>> {
  try {
    const entries = Object.entries(fields).map(([name, value]) => [
      ofEach.has(name) || Object.hasOwn(own, name) ? `fields.${name}` : name,
      name !== "err" && isError(value) ? stackOf(value) : value,
    ])
    return Object.fromEntries(entries) as Record<string, unknown>
  } catch (error) {
    return { unread: messageOf(error) }
  }
}
