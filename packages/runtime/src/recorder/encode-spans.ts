import type { Attributes, SpanKind } from "@hanok/contract"
import type { ProtobufWriter } from "./protobuf-writer.ts"
import type { SpanRing } from "./ring.ts"

/** `SpanKind` of opentelemetry/proto/trace/v1/trace.proto. */
const kindNumbers: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 }
const statusError = 2

/** Writes the oldest `count` spans as an `ExportTraceServiceRequest` (OTLP 1.x, opentelemetry/proto/collector/trace/v1). */
export function encodeSpans(writer: ProtobufWriter, resource: Attributes, ring: SpanRing, count: number): Uint8Array {
  writer.reset()
  const resourceSpans = writer.begin(1)
  writeResource(writer, resource)
  const scopeSpans = writer.begin(2)
  const scope = writer.begin(1)
  writer.string(1, "hanok")
  writer.end(scope)
  for (let index = 0; index < count; index++) writeSpan(writer, ring, ring.place(index))
  writer.end(scopeSpans)
  writer.end(resourceSpans)
  return writer.finish()
}

export function writeResource(writer: ProtobufWriter, resource: Attributes): void {
  const message = writer.begin(1)
  writeAttributes(writer, 1, resource)
  writer.end(message)
}

export function writeAttributes(writer: ProtobufWriter, field: number, attributes: Attributes): void {
  for (const name in attributes) {
    const value = attributes[name]
    if (value === undefined) continue
    const pair = writer.begin(field)
    writer.string(1, name)
    const any = writer.begin(2)
    if (typeof value === "string") writer.string(1, value)
    else if (typeof value === "boolean") writer.uint(2, value ? 1 : 0)
    else if (Number.isSafeInteger(value)) writer.int(3, value)
    else writer.double(4, value)
    writer.end(any)
    writer.end(pair)
  }
}

function writeSpan(writer: ProtobufWriter, ring: SpanRing, place: number): void {
  const span = writer.begin(2)
  const ids = place * 8
  writer.words(1, ring.ids, ids, 4)
  writer.words(2, ring.ids, ids + 4, 2)
  if (ring.ids[ids + 6] !== 0 || ring.ids[ids + 7] !== 0) writer.words(4, ring.ids, ids + 6, 2)
  writer.string(5, ring.names[place] ?? "")
  writer.uint(6, kindNumbers[ring.kinds[place] ?? "internal"])
  writer.timeMs(7, ring.starts[place] ?? 0)
  writer.timeMs(8, ring.ends[place] ?? 0)
  const attributes = ring.attributes[place]
  if (attributes) writeAttributes(writer, 9, attributes)
  const error = ring.errors[place]
  if (error !== undefined) writeError(writer, error)
  writer.end(span)
}

function writeError(writer: ProtobufWriter, error: string): void {
  const status = writer.begin(15)
  writer.string(2, error)
  writer.uint(3, statusError)
  writer.end(status)
}
