import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire"
import type { Json } from "@hanok/contract"
import type { SpanRecord } from "../span.ts"

// A second writer of OTLP, from the specification and independent of the descriptions that the decoders read by.

const kinds = ["unspecified", "internal", "server", "client", "producer", "consumer"]

/** One span as OTLP/JSON's request, which tests also write by hand. */
export function tracesJson(spans: readonly SpanRecord[]): unknown {
  return {
    resourceSpans: spans.map((span) => ({
      resource: { attributes: pairsJson(span.resource) },
      scopeSpans: [{ scope: span.scope, spans: [spanJson(span)] }],
    })),
  }
}

function spanJson(span: SpanRecord): unknown {
  return {
    traceId: span.traceId.toUpperCase(),
    spanId: span.spanId,
    ...(span.parentSpanId === "" ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: kinds.indexOf(span.kind),
    startTimeUnixNano: String(span.startNs),
    endTimeUnixNano: String(span.endNs),
    attributes: pairsJson(span.attributes),
    events: span.events.map((event) => ({
      timeUnixNano: String(event.timeNs),
      name: event.name,
      attributes: pairsJson(event.attributes),
      droppedAttributesCount: 3,
    })),
    links: span.links.map((link) => ({ traceId: link.traceId, spanId: link.spanId, attributes: pairsJson(link.attributes), flags: 1 })),
    status: { code: span.failed ? 2 : 1, message: span.message },
    flags: 257,
    aFieldOfTheFuture: { nested: [1] },
  }
}

function pairsJson(attributes: Readonly<Record<string, Json>>): unknown {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyJson(value) }))
}

function anyJson(value: Json): unknown {
  if (value === null) return {}
  if (typeof value === "string") return { stringValue: value }
  if (typeof value === "boolean") return { boolValue: value }
  if (typeof value === "number") return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyJson) } }
  return { kvlistValue: { values: pairsJson(value as Readonly<Record<string, Json>>) } }
}

/** The same in protobuf. */
export function tracesProtobuf(spans: readonly SpanRecord[]): Uint8Array {
  const writer = new BinaryWriter()
  for (const span of spans) {
    nested(writer, 1, () => {
      nested(writer, 1, () => pairs(writer, 1, span.resource))
      nested(writer, 2, () => {
        nested(writer, 1, () => {
          writer.tag(1, WireType.LengthDelimited).string(span.scope.name)
          writer.tag(2, WireType.LengthDelimited).string(span.scope.version)
        })
        nested(writer, 2, () => writeSpan(writer, span))
      })
    })
  }
  return writer.finish()
}

function writeSpan(writer: BinaryWriter, span: SpanRecord): void {
  writer.tag(1, WireType.LengthDelimited).bytes(Buffer.from(span.traceId, "hex"))
  writer.tag(2, WireType.LengthDelimited).bytes(Buffer.from(span.spanId, "hex"))
  if (span.parentSpanId !== "") writer.tag(4, WireType.LengthDelimited).bytes(Buffer.from(span.parentSpanId, "hex"))
  writer.tag(5, WireType.LengthDelimited).string(span.name)
  writer.tag(6, WireType.Varint).int32(kinds.indexOf(span.kind))
  writer.tag(7, WireType.Bit64).fixed64(span.startNs)
  writer.tag(8, WireType.Bit64).fixed64(span.endNs)
  pairs(writer, 9, span.attributes)
  for (const event of span.events) {
    nested(writer, 11, () => {
      writer.tag(1, WireType.Bit64).fixed64(event.timeNs)
      writer.tag(2, WireType.LengthDelimited).string(event.name)
      pairs(writer, 3, event.attributes)
    })
  }
  for (const link of span.links) {
    nested(writer, 13, () => {
      writer.tag(1, WireType.LengthDelimited).bytes(Buffer.from(link.traceId, "hex"))
      writer.tag(2, WireType.LengthDelimited).bytes(Buffer.from(link.spanId, "hex"))
      pairs(writer, 4, link.attributes)
    })
  }
  nested(writer, 15, () => {
    writer.tag(2, WireType.LengthDelimited).string(span.message)
    writer.tag(3, WireType.Varint).int32(span.failed ? 2 : 1)
  })
  // Fields of the future: a number, a fixed one and a message.
  writer.tag(99, WireType.Varint).int32(7).tag(98, WireType.Bit32).fixed32(7).tag(97, WireType.LengthDelimited).string("later")
}

function pairs(writer: BinaryWriter, field: number, attributes: Readonly<Record<string, Json>>): void {
  for (const [key, value] of Object.entries(attributes)) {
    nested(writer, field, () => {
      writer.tag(1, WireType.LengthDelimited).string(key)
      nested(writer, 2, () => any(writer, value))
    })
  }
}

function any(writer: BinaryWriter, value: Json): void {
  if (value === null) return
  if (typeof value === "string") writer.tag(1, WireType.LengthDelimited).string(value)
  else if (typeof value === "boolean") writer.tag(2, WireType.Varint).bool(value)
  else if (typeof value === "number" && Number.isSafeInteger(value)) writer.tag(3, WireType.Varint).int64(value)
  else if (typeof value === "number") writer.tag(4, WireType.Bit64).double(value)
  else if (Array.isArray(value)) {
    nested(writer, 5, () => {
      for (const each of value) nested(writer, 1, () => any(writer, each))
    })
  } else nested(writer, 6, () => pairs(writer, 1, value as Readonly<Record<string, Json>>))
}

function nested(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork()
  write()
  writer.join()
}

/** A valid span; the ids are one digit, repeated. */
export function spanOf(given: Partial<SpanRecord> = {}): SpanRecord {
  return {
    traceId: "a".repeat(32),
    spanId: "1".repeat(16),
    parentSpanId: "",
    service: "order",
    name: "order.placeOrder",
    kind: "server",
    startNs: 1_800_000_000_000_000_000n,
    endNs: 1_800_000_000_005_000_000n,
    failed: false,
    message: "",
    attributes: {},
    events: [],
    links: [],
    scope: { name: "hanok", version: "" },
    resource: { "service.name": "order" },
    ...given,
  }
}
