import type { LogRecord } from "../log-record.ts"
import { attributesOf, jsonOf } from "./attributes.ts"
import type { Message } from "./message.ts"
import { readJson } from "./read-json.ts"
import { readProtobuf } from "./read-protobuf.ts"
import { logsRequest } from "./schema.ts"
import type { KeyValue, logRecord } from "./schema.ts"
import { serviceOf, unlessZeros } from "./traces.ts"

type Fields<M> = M extends Message<infer T> ? T : never

/** The lines of an `ExportLogsServiceRequest` in protobuf (OTLP 1.x). Throws `Malformed`. */
export function decodeLogs(bytes: Uint8Array): readonly LogRecord[] {
  return logsOf(readProtobuf(logsRequest, bytes))
}

/** The same from OTLP/JSON, parsed. */
export function decodeLogsJson(json: unknown): readonly LogRecord[] {
  return logsOf(readJson(logsRequest, json))
}

/** Whether a line can be kept: its time can be told. */
export function isValidLog({ timeNs }: LogRecord): boolean {
  return timeNs < 2n ** 63n
}

function logsOf({ resourceLogs = [] }: Fields<typeof logsRequest>): readonly LogRecord[] {
  return resourceLogs.flatMap(({ resource: from, scopeLogs = [] }) => {
    const resource = attributesOf(from?.attributes)
    return scopeLogs.flatMap(({ logRecords = [] }) => logRecords.map((each) => logOf(each, resource)))
  })
}

function logOf(from: Fields<typeof logRecord>, resource: LogRecord["resource"]): LogRecord {
  return {
    timeNs: from.timeUnixNano || from.observedTimeUnixNano || 0n,
    severity: from.severityNumber ?? 0,
    severityText: from.severityText ?? "",
    body: from.body ? jsonOf(from.body) : null,
    traceId: unlessZeros(from.traceId),
    spanId: unlessZeros(from.spanId),
    service: serviceOf(resource),
    attributes: attributesOf([...(from.attributes ?? []), ...eventNameOf(from)]),
    resource,
  }
}

// Where it stood before there was a field for it: https://opentelemetry.io/docs/specs/semconv/registry/attributes/event/
function eventNameOf({ eventName = "" }: Fields<typeof logRecord>): readonly KeyValue[] {
  return eventName === "" ? [] : [{ key: "event.name", value: { stringValue: eventName } }]
}
