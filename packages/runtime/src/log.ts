import type { Logger, TraceContext } from "@hanok/contract"
import pino from "pino"
import type { DestinationStream, Logger as Pino } from "pino"
import { standardOutput } from "./log-output.ts"

export interface LogOptions {
  readonly service: string
  readonly instance: string
  /** `info` when not given. */
  readonly level?: string
  /** Standard output when not given. */
  readonly destination?: DestinationStream
}

/** Structured logs as JSON lines, each with the service's name. */
export function createLog(options: LogOptions): Pino {
  const settings = { level: options.level ?? "info", base: { service: options.service, instance: options.instance } }
  return pino(settings, options.destination ?? standardOutput())
}

/** The face of the log that modules see; each line carries the ids of the span it was written in. */
export function loggerFor(log: Pino, bindings: Readonly<Record<string, unknown>>, trace?: () => TraceContext): Logger {
  const fields = (more: Readonly<Record<string, unknown>> = {}) => {
    const ids = trace?.()
    return ids ? { ...bindings, trace_id: ids.traceId, span_id: ids.spanId, ...more } : { ...bindings, ...more }
  }
  return {
    debug: (message, more) => log.debug(fields(more), message),
    info: (message, more) => log.info(fields(more), message),
    warn: (message, more) => log.warn(fields(more), message),
    error: (message, more) => log.error(fields(more), message),
  }
}
