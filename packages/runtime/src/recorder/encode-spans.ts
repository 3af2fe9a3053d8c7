import { writeAttributes, writeOwnAttributes } from "./encode-attributes.ts"
import { ProtobufWriter, setTimeMs } from "./protobuf-writer.ts"
import type { Encoded } from "./protobuf-writer.ts"
import type { RecordedAttributes } from "./recorded-value.ts"
import { placeTimes, placeWords } from "./ring.ts"
import type { SpanRing } from "./ring.ts"
import { ownScope } from "./span-details.ts"
import type { Scope, SpanDetails, SpanEvent, SpanLink } from "./span-details.ts"
import { parseSpanIds } from "./span-ids.ts"
import { knownAttributes, knownFields, writeTemplate } from "./template-fields.ts"

/** `Status.StatusCode.STATUS_CODE_ERROR`. */
export const statusError = 2

/** Makes the bodies of export requests, some spans at a time. */
export interface SpanEncoder {
  /** About how long the body is by now. */
  readonly sizeBytes: number
  /** Adds the oldest `count` spans to the body; their times are moved by `offsetMs`. */
  add(ring: SpanRing, count: number, offsetMs: number): void
  /** The body of all that was added since the last. Its memory is used again for the one after the next. */
  finish(): Uint8Array
}

/** Writes an `ExportTraceServiceRequest` (OTLP 1.x, opentelemetry/proto/collector/trace/v1). */
export function createProtobufEncoder(resource: RecordedAttributes): SpanEncoder {
  let [writer, other] = [new ProtobufWriter(), new ProtobufWriter()]
  let resourceSpans = 0
  return {
    get sizeBytes() {
      return writer.length
    },
    add(ring, count, offsetMs) {
      if (writer.length === 0) resourceSpans = beginResourceSpans(writer, resource)
      for (let index = 0; index < count;) index = writeScopeSpans(writer, { ring, count, offsetMs }, index)
    },
    finish() {
      writer.end(resourceSpans)
      const body = writer.written()
      ;[writer, other] = [other, writer]
      writer.reset()
      return body
    },
  }
}

/** The scope of the `index`-th oldest span. */
export function scopeAt(ring: SpanRing, index: number): Scope {
  return ring.rare(ring.place(index))?.details?.scope ?? ownScope
}

interface Spans {
  readonly ring: SpanRing
  readonly count: number
  readonly offsetMs: number
}

function beginResourceSpans(writer: ProtobufWriter, attributes: RecordedAttributes): number {
  const resourceSpans = writer.begin(1)
  const resource = writer.begin(1)
  writeAttributes(writer, 1, attributes)
  writer.end(resource)
  return resourceSpans
}

// Spans that follow each other and were recorded by the same library go together. Returns the index of the next.
function writeScopeSpans(writer: ProtobufWriter, { ring, count, offsetMs }: Spans, first: number): number {
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
  const template = ring.templates[place]
  if (!template) return
  const kind = ring.words[place * placeWords + 12] ?? 0
  const own = ring.own[place]
  const rare = ring.rare(place)
  const known = rare ? undefined : knownFields(template, kind)
  const knownOwn = own ? knownAttributes(own) : nothing
  if (known && knownOwn && known.length + knownOwn.length < longestKnown) return writeKnown(writer, ring, place, offsetMs, known, knownOwn)
  const span = writer.begin(2)
  // First, since it may make room by taking other memory.
  const at = writer.advance(ownSize(ring, place))
  setOwn(writer.view, at, ring, place, offsetMs)
  writeTemplate(writer, template, kind)
  if (own) writeOwnAttributes(writer, 9, own)
  if (rare?.details) writeDetails(writer, rare.details, offsetMs)
  if (rare?.error !== undefined) writeError(writer, rare.error)
  writer.end(span)
}

/** So that the length of the whole fits into two bytes. */
const longestKnown = 16_000

const nothing: Encoded = new Uint8Array(0)

// Most spans have nothing besides what is always there, what their template says and what they share with others.
function writeKnown(writer: ProtobufWriter, ring: SpanRing, place: number, offsetMs: number, known: Encoded, knownOwn: Encoded): void {
  const at = writer.sized(2, ownSize(ring, place), known, knownOwn)
  setOwn(writer.view, at, ring, place, offsetMs)
}

function hasParent({ words }: SpanRing, place: number): boolean {
  return words[place * placeWords + 6] !== 0 || words[place * placeWords + 7] !== 0
}

/** In bytes; see `setOwn`. */
function ownSize(ring: SpanRing, place: number): number {
  return hasParent(ring, place) ? 56 : 46
}

// What is the span's own and always there has the same length each time, and is written without counting: ids of 18 and 10 bytes
// with their fields (1, 2 and 4), then start and end (fields 7 and 8).
function setOwn(view: DataView, at: number, ring: SpanRing, place: number, offsetMs: number): void {
  const { words, times } = ring
  const from = place * placeWords
  view.setUint16(at, 0x0a10)
  view.setInt32(at + 2, words[from] ?? 0)
  view.setInt32(at + 6, words[from + 1] ?? 0)
  view.setInt32(at + 10, words[from + 2] ?? 0)
  view.setInt32(at + 14, words[from + 3] ?? 0)
  view.setUint16(at + 18, 0x1208)
  view.setInt32(at + 20, words[from + 4] ?? 0)
  view.setInt32(at + 24, words[from + 5] ?? 0)
  const isBelow = hasParent(ring, place)
  if (isBelow) {
    view.setUint16(at + 28, 0x2208)
    view.setInt32(at + 30, words[from + 6] ?? 0)
    view.setInt32(at + 34, words[from + 7] ?? 0)
  }
  const timesAt = isBelow ? at + 38 : at + 28
  setTimeMs(view, timesAt, 7, (times[place * placeTimes + 4] ?? 0) + offsetMs)
  setTimeMs(view, timesAt + 9, 8, (times[place * placeTimes + 5] ?? 0) + offsetMs)
}

function writeDetails(writer: ProtobufWriter, { events, links, dropped }: SpanDetails, offsetMs: number): void {
  for (const event of events) writeEvent(writer, event, offsetMs)
  for (const link of links) writeLink(writer, link)
  if (dropped.attributes > 0) writer.int(10, dropped.attributes)
  if (dropped.events > 0) writer.int(12, dropped.events)
  if (dropped.links > 0) writer.int(14, dropped.links)
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
  const words = Int32Array.of(ids.trace0, ids.trace1, ids.trace2, ids.trace3, ids.span0, ids.span1)
  const link = writer.begin(13)
  writer.words(1, words, 0, 4)
  writer.words(2, words, 4, 2)
  writeAttributes(writer, 4, attributes)
  writer.end(link)
}

function writeError(writer: ProtobufWriter, error: string): void {
  const status = writer.begin(15)
  writer.string(2, error)
  writer.int(3, statusError)
  writer.end(status)
}
