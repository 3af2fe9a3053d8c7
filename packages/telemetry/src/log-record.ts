import type { Json } from "@hanok/contract"

/** One log line as it was received by OTLP. */
export interface LogRecord {
  /** Nanoseconds since the epoch; when it was observed, if the sender does not know when it happened. */
  readonly timeNs: bigint
  /** OpenTelemetry's: 1–4 trace, 5–8 debug, 9–12 info, 13–16 warn, 17–20 error, 21–24 fatal; 0 when not given. */
  readonly severity: number
  readonly severityText: string
  readonly body: Json
  /** Empty, both, when it was written outside any span. */
  readonly traceId: string
  readonly spanId: string
  readonly service: string
  /** Of an event also its name, as `event.name`. */
  readonly attributes: Readonly<Record<string, Json>>
  readonly resource: Readonly<Record<string, Json>>
}
