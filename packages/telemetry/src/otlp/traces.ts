import { spanKinds } from "../span.ts"
import type { SpanRecord } from "../span.ts"
import { attributesOf } from "./attributes.ts"
import type { Message } from "./message.ts"
import { readJson } from "./read-json.ts"
import { readProtobuf } from "./read-protobuf.ts"
import { tracesRequest } from "./schema.ts"
import type { span } from "./schema.ts"

type Fields<M> = M extends Message<infer T> ? T : never

/** The spans of an `ExportTraceServiceRequest` in protobuf (OTLP 1.x), valid or not: see `isValidSpan`. Throws `Malformed`. */
export function decodeTraces(bytes: Uint8Array): readonly SpanRecord[] {
  return spansOf(readProtobuf(tracesRequest, bytes))
}

/** The same from OTLP/JSON, parsed. */
export function decodeTracesJson(json: unknown): readonly SpanRecord[] {
  return spansOf(readJson(tracesRequest, json))
}

const traceIdPattern = /^(?!0{32})[0-9a-f]{32}$/
const spanIdPattern = /^(?!0{16})[0-9a-f]{16}$/
/** Times are kept as signed numbers: up to the year 2262. */
const endOfTime = 2n ** 63n

/** Whether a span can be kept: its ids are well-formed and not zero, its times can be told. */
export function isValidSpan({ traceId, spanId, parentSpanId, startNs, endNs }: SpanRecord): boolean {
  const hasIds = traceIdPattern.test(traceId) && spanIdPattern.test(spanId)
  return hasIds && (parentSpanId === "" || spanIdPattern.test(parentSpanId)) && startNs < endOfTime && endNs < endOfTime
}

function spansOf({ resourceSpans = [] }: Fields<typeof tracesRequest>): readonly SpanRecord[] {
  return resourceSpans.flatMap(({ resource: from, scopeSpans = [] }) => {
    const resource = attributesOf(from?.attributes)
    return scopeSpans.flatMap(({ scope: by, spans = [] }) => {
      const scope = { name: by?.name ?? "", version: by?.version ?? "" }
      return spans.map((each) => spanOf(each, scope, resource))
    })
  })
}

function spanOf(from: Fields<typeof span>, scope: SpanRecord["scope"], resource: SpanRecord["resource"]): SpanRecord {
  return {
    traceId: from.traceId ?? "",
    spanId: from.spanId ?? "",
    parentSpanId: unlessZeros(from.parentSpanId),
    service: serviceOf(resource),
    name: from.name ?? "",
    kind: spanKinds[from.kind ?? 0] ?? "unspecified",
    startNs: from.startTimeUnixNano ?? 0n,
    endNs: from.endTimeUnixNano ?? 0n,
    failed: from.status?.code === statusError,
    message: from.status?.message ?? "",
    attributes: attributesOf(from.attributes),
    events: (from.events ?? []).map(({ name = "", timeUnixNano = 0n, attributes }) => ({
      name,
      timeNs: timeUnixNano,
      attributes: attributesOf(attributes),
    })),
    links: (from.links ?? []).map(({ traceId = "", spanId = "", attributes }) => ({
      traceId,
      spanId,
      attributes: attributesOf(attributes),
    })),
    scope,
    resource,
  }
}

/** `Status.StatusCode.STATUS_CODE_ERROR`. */
const statusError = 2

/** Some senders write zeros for no parent, or no span. */
export function unlessZeros(id = ""): string {
  return /^0*$/.test(id) ? "" : id
}

/** The resource's `service.name`; empty when it has none. */
export function serviceOf(resource: SpanRecord["resource"]): string {
  const name = resource["service.name"]
  return typeof name === "string" ? name : ""
}
