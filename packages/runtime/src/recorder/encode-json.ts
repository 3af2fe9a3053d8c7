import type { SpanEncoder } from "./encode-spans.ts"
import { scopeAt, statusError } from "./encode-spans.ts"
import type { OwnAttributes } from "./own-attributes.ts"
import type { RecordedAttributes, RecordedValue } from "./recorded-value.ts"
import { placeTimes, placeWords } from "./ring.ts"
import type { SpanRing } from "./ring.ts"
import type { DroppedCounts } from "./span-details.ts"
import { SpanIds } from "./span-ids.ts"

/** Writes OTLP/JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids in hexadecimal, 64-bit numbers as text. */
export function createJsonEncoder(resource: RecordedAttributes): SpanEncoder {
  const resourceText = JSON.stringify({ attributes: attributesJson(resource) })
  let scopeSpans: string[] = []
  let sizeBytes = 0
  return {
    get sizeBytes() {
      return sizeBytes
    },
    add(ring, count, offsetMs) {
      for (let index = 0; index < count;) {
        const scope = scopeAt(ring, index)
        const spans: unknown[] = []
        for (; index < count && scopeAt(ring, index) === scope; index++) spans.push(spanJson(ring, ring.place(index), offsetMs))
        const text = JSON.stringify({ scope: scope.version === "" ? { name: scope.name } : scope, spans })
        scopeSpans.push(text)
        sizeBytes += text.length
      }
    },
    finish() {
      const body = `{"resourceSpans":[{"resource":${resourceText},"scopeSpans":[${scopeSpans.join(",")}]}]}`
      scopeSpans = []
      sizeBytes = 0
      return Buffer.from(body)
    },
  }
}

function spanJson(ring: SpanRing, place: number, offsetMs: number): unknown {
  const { error, details } = ring.rare(place) ?? {}
  const at = place * placeTimes
  const template = ring.templates[place]
  return {
    ...idsOf(ring, place),
    name: template?.name,
    kind: ring.words[place * placeWords + 12],
    startTimeUnixNano: nanoseconds((ring.times[at + 4] ?? 0) + offsetMs),
    endTimeUnixNano: nanoseconds((ring.times[at + 5] ?? 0) + offsetMs),
    attributes: [...attributesJson(template?.attributes ?? {}), ...ownJson(ring.own[place])],
    ...(details && {
      events: details.events.map(({ name, timeMs, attributes }) => ({
        name,
        timeUnixNano: nanoseconds(timeMs + offsetMs),
        attributes: attributesJson(attributes),
      })),
      links: details.links.map(({ traceId, spanId, attributes }) => ({ traceId, spanId, attributes: attributesJson(attributes) })),
      ...droppedJson(details.dropped),
    }),
    ...(error !== undefined && { status: { code: statusError, message: error } }),
  }
}

function droppedJson({ attributes, events, links }: DroppedCounts): object {
  return {
    ...(attributes > 0 && { droppedAttributesCount: attributes }),
    ...(events > 0 && { droppedEventsCount: events }),
    ...(links > 0 && { droppedLinksCount: links }),
  }
}

function idsOf(ring: SpanRing, place: number): Readonly<Record<string, string>> {
  const at = place * placeWords
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, parent0 = 0, parent1 = 0] = ring.words.subarray(at, at + 8)
  const { traceId, spanId } = new SpanIds(a, b, c, d, e, f, 0, 0)
  if (parent0 === 0 && parent1 === 0) return { traceId, spanId }
  return { traceId, spanId, parentSpanId: new SpanIds(0, 0, 0, 0, parent0, parent1, 0, 0).spanId }
}

function nanoseconds(timeMs: number): string {
  const wholeMs = Math.floor(timeMs)
  return String(BigInt(wholeMs) * 1_000_000n + BigInt(Math.round((timeMs - wholeMs) * 1e6)))
}

function attributesJson(attributes: RecordedAttributes): readonly unknown[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: valueJson(value) }))
}

function ownJson(own: OwnAttributes | undefined): readonly unknown[] {
  const list = own?.list ?? []
  return list.flatMap((key, at) => (at % 2 === 0 ? [{ key, value: valueJson(list[at + 1] ?? null) }] : []))
}

function valueJson(value: RecordedValue): unknown {
  if (value === null) return {}
  if (typeof value === "string") return { stringValue: value }
  if (typeof value === "boolean") return { boolValue: value }
  if (typeof value === "number") return numberJson(value)
  if (Array.isArray(value)) return { arrayValue: { values: value.map(valueJson) } }
  // Not a list: TypeScript does not take a readonly array out of the union by `Array.isArray`.
  return { kvlistValue: { values: attributesJson(value as RecordedAttributes) } }
}

function numberJson(value: number): unknown {
  if (Number.isSafeInteger(value)) return { intValue: String(value) }
  return { doubleValue: Number.isFinite(value) ? value : String(value) }
}
