import type { SpanKind } from "@hanok/contract"
import type { ProtobufWriter } from "./protobuf-writer.ts"
import type { RecordedAttributes, RecordedValue } from "./recorded-value.ts"
import type { SpanRing } from "./ring.ts"
import { ownScope } from "./span-details.ts"
import type { Scope, SpanEvent, SpanLink } from "./span-details.ts"
import { parseSpanIds } from "./span-ids.ts"

/** `SpanKind` of opentelemetry/proto/trace/v1/trace.proto. */
export const kindNumbers: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 }
/** `Status.StatusCode.STATUS_CODE_ERROR`. */
export const statusError = 2

/** What to encode: the oldest `count` spans, moved by `offsetMs`. */
export interface Batch {
  readonly resource: RecordedAttributes
  readonly ring: SpanRing
  readonly count: number
  readonly offsetMs: number
}

/** Writes a batch as an `ExportTraceServiceRequest` (OTLP 1.x, opentelemetry/proto/collector/trace/v1). */
export function encodeSpans(writer: ProtobufWriter, batch: Batch): Uint8Array {
  writer.reset()
  const resourceSpans = writer.begin(1)
  const resource = writer.begin(1)
  writeAttributes(writer, 1, batch.resource)
  writer.end(resource)
  for (let index = 0; index < batch.count;) index = writeScopeSpans(writer, batch, index)
  writer.end(resourceSpans)
  return writer.finish()
}

/** The scope of the `index`-th oldest span. */
export function scopeAt(ring: SpanRing, index: number): Scope {
  return ring.details[ring.place(index)]?.scope ?? ownScope
}

// Spans that follow each other and were recorded by the same library go together. Returns the index of the next.
function writeScopeSpans(writer: ProtobufWriter, { ring, count, offsetMs }: Batch, first: number): number {
  const recorded = scopeAt(ring, first)
  const scopeSpans = writer.begin(2)
  const scope = writer.begin(1)
  writer.string(1, recorded.name)
  if (recorded.version !== "") writer.string(2, recorded.version)
  writer.end(scope)
  let index = first
  for (; index < count && scopeAt(ring, index) === recorded; index++) writeSpan(writer, ring, ring.place(index), offsetMs)
  writer.end(scopeSpans)
  return index
}

function writeSpan(writer: ProtobufWriter, ring: SpanRing, place: number, offsetMs: number): void {
  const span = writer.begin(2)
  const ids = place * 8
  writer.words(1, ring.ids, ids, 4)
  writer.words(2, ring.ids, ids + 4, 2)
  if (ring.ids[ids + 6] !== 0 || ring.ids[ids + 7] !== 0) writer.words(4, ring.ids, ids + 6, 2)
  writer.string(5, ring.names[place] ?? "")
  writer.uint(6, kindNumbers[ring.kinds[place] ?? "internal"])
  writer.timeMs(7, (ring.starts[place] ?? 0) + offsetMs)
  writer.timeMs(8, (ring.ends[place] ?? 0) + offsetMs)
  const attributes = ring.attributes[place]
  if (attributes) writeAttributes(writer, 9, attributes)
  const details = ring.details[place]
  if (details) {
    for (const event of details.events) writeEvent(writer, event, offsetMs)
    for (const link of details.links) writeLink(writer, link)
  }
  const error = ring.errors[place]
  if (error !== undefined) writeError(writer, error)
  writer.end(span)
}

function writeEvent(writer: ProtobufWriter, { name, timeMs, attributes }: SpanEvent, offsetMs: number): void {
  const event = writer.begin(11)
  writer.timeMs(1, timeMs + offsetMs)
  writer.string(2, name)
  writeAttributes(writer, 3, attributes)
  writer.end(event)
}

function writeLink(writer: ProtobufWriter, { traceId, spanId, attributes }: SpanLink): void {
  const ids = parseSpanIds(traceId, spanId)
  const words = Uint32Array.of(ids.trace0, ids.trace1, ids.trace2, ids.trace3, ids.span0, ids.span1)
  const link = writer.begin(13)
  writer.words(1, words, 0, 4)
  writer.words(2, words, 4, 2)
  writeAttributes(writer, 4, attributes)
  writer.end(link)
}

function writeError(writer: ProtobufWriter, error: string): void {
  const status = writer.begin(15)
  writer.string(2, error)
  writer.uint(3, statusError)
  writer.end(status)
}

function writeAttributes(writer: ProtobufWriter, field: number, attributes: RecordedAttributes): void {
  for (const name in attributes) {
    const value = attributes[name]
    if (value === undefined) continue
    const pair = writer.begin(field)
    writer.string(1, name)
    writeValue(writer, 2, value)
    writer.end(pair)
  }
}

// `AnyValue` of opentelemetry/proto/common/v1/common.proto.
function writeValue(writer: ProtobufWriter, field: number, value: RecordedValue): void {
  const any = writer.begin(field)
  if (typeof value === "string") writer.string(1, value)
  else if (typeof value === "boolean") writer.uint(2, value ? 1 : 0)
  else if (typeof value === "number") writeNumber(writer, value)
  else if (value !== null) writeNested(writer, value)
  writer.end(any)
}

function writeNumber(writer: ProtobufWriter, value: number): void {
  if (Number.isSafeInteger(value)) writer.int(3, value)
  else writer.double(4, value)
}

function writeNested(writer: ProtobufWriter, value: readonly RecordedValue[] | RecordedAttributes): void {
  const isList = Array.isArray(value)
  const list = writer.begin(isList ? 5 : 6)
  if (isList) for (const entry of value) writeValue(writer, 1, entry)
  // Not a list: TypeScript does not take a readonly array out of the union by `Array.isArray`.
  else writeAttributes(writer, 1, value as RecordedAttributes)
  writer.end(list)
}
