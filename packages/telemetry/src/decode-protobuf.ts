import { BinaryReader } from "@bufbuild/protobuf/wire"
import type { WireType } from "@bufbuild/protobuf/wire"
import type { Json } from "@hanok/contract"
import { spanKinds, statusError } from "./span.ts"
import type { SpanRecord } from "./span.ts"

type Attributes = Readonly<Record<string, Json>>

/** The spans of an `ExportTraceServiceRequest` (OTLP 1.x, opentelemetry/proto). Throws on bytes that are not one. */
export function decodeTraces(bytes: Uint8Array): readonly SpanRecord[] {
  const spans: SpanRecord[] = []
  eachField(bytes, (field, reader) => {
    if (field !== 1) return false
    decodeResourceSpans(reader.bytes(), spans)
    return true
  })
  return spans
}

/** Calls back for each field, by its number; a field that was not read (`false`) is passed over. */
function eachField(bytes: Uint8Array, read: (field: number, reader: BinaryReader, wireType: WireType) => boolean): void {
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (!read(field, reader, wireType)) reader.skip(wireType, field)
  }
}

function decodeResourceSpans(bytes: Uint8Array, spans: SpanRecord[]): void {
  let resource: Attributes = {}
  const scopes: Uint8Array[] = []
  eachField(bytes, (field, reader) => {
    if (field === 1) resource = decodeResource(reader.bytes())
    else if (field === 2) scopes.push(reader.bytes())
    else return false
    return true
  })
  for (const scope of scopes) {
    eachField(scope, (field, reader) => {
      if (field !== 2) return false
      spans.push(decodeSpan(reader.bytes(), resource))
      return true
    })
  }
}

function decodeResource(bytes: Uint8Array): Attributes {
  const attributes: Record<string, Json> = {}
  eachField(bytes, (field, reader) => {
    if (field !== 1) return false
    addPair(attributes, reader.bytes())
    return true
  })
  return attributes
}

function decodeSpan(bytes: Uint8Array, resource: Attributes): SpanRecord {
  const attributes: Record<string, Json> = {}
  const service = resource["service.name"]
  const span = {
    traceId: "",
    spanId: "",
    parentSpanId: "",
    service: typeof service === "string" ? service : "",
    name: "",
    kind: spanKinds[0] as SpanRecord["kind"],
    startNs: 0n,
    endNs: 0n,
    failed: false,
    message: "",
    attributes,
    resource,
  }
  eachField(bytes, (field, reader) => {
    if (field === 1) span.traceId = hex(reader.bytes())
    else if (field === 2) span.spanId = hex(reader.bytes())
    else if (field === 4) span.parentSpanId = hex(reader.bytes())
    else if (field === 5) span.name = reader.string()
    else if (field === 6) span.kind = spanKinds[reader.int32()] ?? "unspecified"
    else if (field === 7) span.startNs = BigInt(reader.fixed64())
    else if (field === 8) span.endNs = BigInt(reader.fixed64())
    else if (field === 9) addPair(attributes, reader.bytes())
    else if (field === 15) Object.assign(span, decodeStatus(reader.bytes()))
    else return false
    return true
  })
  return span
}

function decodeStatus(bytes: Uint8Array): { failed: boolean; message: string } {
  const status = { failed: false, message: "" }
  eachField(bytes, (field, reader) => {
    if (field === 2) status.message = reader.string()
    else if (field === 3) status.failed = reader.int32() === statusError
    else return false
    return true
  })
  return status
}

function addPair(attributes: Record<string, Json>, bytes: Uint8Array): void {
  let key = ""
  let value: Json = null
  eachField(bytes, (field, reader) => {
    if (field === 1) key = reader.string()
    else if (field === 2) value = decodeValue(reader.bytes())
    else return false
    return true
  })
  if (key !== "__proto__") attributes[key] = value
}

// `AnyValue` of opentelemetry/proto/common/v1/common.proto.
function decodeValue(bytes: Uint8Array): Json {
  let value: Json = null
  eachField(bytes, (field, reader) => {
    if (field === 1) value = reader.string()
    else if (field === 2) value = reader.bool()
    else if (field === 3) value = Number(reader.int64())
    else if (field === 4) value = reader.double()
    else if (field === 5) value = decodeList(reader.bytes())
    else if (field === 6) value = decodeResource(reader.bytes())
    else return false
    return true
  })
  return value
}

function decodeList(bytes: Uint8Array): Json {
  const values: Json[] = []
  eachField(bytes, (field, reader) => {
    if (field !== 1) return false
    values.push(decodeValue(reader.bytes()))
    return true
  })
  return values
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}
