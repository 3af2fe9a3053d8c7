import { bool, bytes, double, enumeration, fixed64, id, int64, many, message, one, text } from "./message.ts"
import type { Message } from "./message.ts"

// What is read of https://github.com/open-telemetry/opentelemetry-proto (1.x), names and numbers as they stand there.

/** opentelemetry/proto/common/v1/common.proto */
export interface AnyValue {
  readonly stringValue?: string
  readonly boolValue?: boolean
  readonly intValue?: bigint
  readonly doubleValue?: number
  readonly arrayValue?: { readonly values?: readonly AnyValue[] }
  readonly kvlistValue?: { readonly values?: readonly KeyValue[] }
  /** Base64. */
  readonly bytesValue?: string
}

export interface KeyValue {
  readonly key?: string
  readonly value?: AnyValue
}

const anyValue: Message<AnyValue> = message({
  stringValue: text(1),
  boolValue: bool(2),
  intValue: int64(3),
  doubleValue: double(4),
  arrayValue: one(5, () => arrayValue),
  kvlistValue: one(6, () => keyValueList),
  bytesValue: bytes(7),
})
const keyValue: Message<KeyValue> = message({ key: text(1), value: one(2, () => anyValue) })
const arrayValue = message({ values: many(1, () => anyValue) })
const keyValueList = message({ values: many(1, () => keyValue) })
const scope = message({ name: text(1), version: text(2), attributes: many(3, () => keyValue) })
const resource = message({ attributes: many(1, () => keyValue) })

// opentelemetry/proto/trace/v1/trace.proto
const spanEvent = message({ timeUnixNano: fixed64(1), name: text(2), attributes: many(3, () => keyValue) })
const spanLink = message({ traceId: id(1), spanId: id(2), attributes: many(4, () => keyValue) })
const status = message({ message: text(2), code: enumeration(3) })
export const span = message({
  traceId: id(1),
  spanId: id(2),
  parentSpanId: id(4),
  name: text(5),
  kind: enumeration(6),
  startTimeUnixNano: fixed64(7),
  endTimeUnixNano: fixed64(8),
  attributes: many(9, () => keyValue),
  events: many(11, () => spanEvent),
  links: many(13, () => spanLink),
  status: one(15, () => status),
})
const scopeSpans = message({ scope: one(1, () => scope), spans: many(2, () => span) })
const resourceSpans = message({ resource: one(1, () => resource), scopeSpans: many(2, () => scopeSpans) })
/** `ExportTraceServiceRequest` */
export const tracesRequest = message({ resourceSpans: many(1, () => resourceSpans) })

// opentelemetry/proto/logs/v1/logs.proto
export const logRecord = message({
  timeUnixNano: fixed64(1),
  severityNumber: enumeration(2),
  severityText: text(3),
  body: one(5, () => anyValue),
  attributes: many(6, () => keyValue),
  traceId: id(9),
  spanId: id(10),
  observedTimeUnixNano: fixed64(11),
  eventName: text(12),
})
const scopeLogs = message({ scope: one(1, () => scope), logRecords: many(2, () => logRecord) })
const resourceLogs = message({ resource: one(1, () => resource), scopeLogs: many(2, () => scopeLogs) })
/** `ExportLogsServiceRequest` */
export const logsRequest = message({ resourceLogs: many(1, () => resourceLogs) })

// opentelemetry/proto/metrics/v1/metrics.proto: only as far as it takes to count the points.
const points = message({ dataPoints: many(1, () => message({})) })
const metric = message({
  gauge: one(5, () => points),
  sum: one(7, () => points),
  histogram: one(9, () => points),
  exponentialHistogram: one(10, () => points),
  summary: one(11, () => points),
})
const scopeMetrics = message({ metrics: many(2, () => metric) })
const resourceMetrics = message({ scopeMetrics: many(2, () => scopeMetrics) })
/** `ExportMetricsServiceRequest` */
export const metricsRequest = message({ resourceMetrics: many(1, () => resourceMetrics) })
