import type { DuckDBAppender } from "@duckdb/node-api"
import type { LogRecord } from "../log-record.ts"
import type { SpanRecord } from "../span.ts"

/** A row as the database returns it for JSON: 64-bit numbers as text. */
export type Row = Readonly<Record<string, unknown>>

/** Columns in the order of the table. */
export function appendSpan(appender: DuckDBAppender, span: SpanRecord, receivedMs: number): void {
  appender.appendBigInt(BigInt(receivedMs))
  appender.appendVarchar(span.traceId)
  appender.appendVarchar(span.spanId)
  appender.appendVarchar(span.parentSpanId)
  appender.appendVarchar(span.service)
  appender.appendVarchar(span.name)
  appender.appendVarchar(span.kind)
  appender.appendBigInt(span.startNs)
  appender.appendBigInt(span.endNs)
  appender.appendBoolean(span.failed)
  appender.appendVarchar(span.message)
  appender.appendVarchar(JSON.stringify(span.attributes))
  appender.appendVarchar(span.events.length === 0 ? "" : JSON.stringify(span.events.map(storedEvent)))
  appender.appendVarchar(span.links.length === 0 ? "" : JSON.stringify(span.links))
  appender.appendVarchar(span.scope.name)
  appender.appendVarchar(span.scope.version)
  appender.appendVarchar(textOf(span.resource))
  appender.endRow()
}

export function spanOf(row: Row): SpanRecord {
  return {
    traceId: String(row["trace_id"]),
    spanId: String(row["span_id"]),
    parentSpanId: String(row["parent_span_id"]),
    service: String(row["service"]),
    name: String(row["name"]),
    // Written by `appendSpan` from a `SpanRecord`.
    kind: String(row["kind"]) as SpanRecord["kind"],
    startNs: BigInt(String(row["start_ns"])),
    endNs: BigInt(String(row["end_ns"])),
    failed: row["failed"] === true,
    message: String(row["message"]),
    attributes: JSON.parse(String(row["attributes"])),
    events: row["events"] === "" ? [] : JSON.parse(String(row["events"])).map(givenEvent),
    links: row["links"] === "" ? [] : JSON.parse(String(row["links"])),
    scope: { name: String(row["scope_name"]), version: String(row["scope_version"]) },
    resource: JSON.parse(String(row["resource"])),
  }
}

/** Columns in the order of the table. */
export function appendLog(appender: DuckDBAppender, log: LogRecord, receivedMs: number): void {
  appender.appendBigInt(BigInt(receivedMs))
  appender.appendBigInt(log.timeNs)
  appender.appendInteger(log.severity)
  appender.appendVarchar(log.severityText)
  appender.appendVarchar(JSON.stringify(log.body))
  appender.appendVarchar(log.traceId)
  appender.appendVarchar(log.spanId)
  appender.appendVarchar(log.service)
  appender.appendVarchar(JSON.stringify(log.attributes))
  appender.appendVarchar(textOf(log.resource))
  appender.endRow()
}

export function logOf(row: Row): LogRecord {
  return {
    timeNs: BigInt(String(row["time_ns"])),
    severity: Number(row["severity"]),
    severityText: String(row["severity_text"]),
    body: JSON.parse(String(row["body"])),
    traceId: String(row["trace_id"]),
    spanId: String(row["span_id"]),
    service: String(row["service"]),
    attributes: JSON.parse(String(row["attributes"])),
    resource: JSON.parse(String(row["resource"])),
  }
}

const written = new WeakMap<object, string>()

/** A resource's JSON. All spans of a request share the resource of their process: it is written once. */
export function textOf(resource: object): string {
  const before = written.get(resource)
  if (before !== undefined) return before
  const text = JSON.stringify(resource)
  written.set(resource, text)
  return text
}

function storedEvent({ timeNs, ...rest }: SpanRecord["events"][number]): unknown {
  return { ...rest, timeNs: String(timeNs) }
}

function givenEvent({
  timeNs,
  ...rest
}: {
  timeNs: string
  name: string
  attributes: SpanRecord["attributes"]
}): SpanRecord["events"][number] {
  return { ...rest, timeNs: BigInt(timeNs) }
}
