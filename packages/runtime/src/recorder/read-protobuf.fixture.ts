/** A field of a protobuf message: its number, and a whole number, eight bytes, or what a length goes before. */
type Field = readonly [number: number, value: bigint | Uint8Array]

/** An export request in protobuf, read by the letter of the format, as what OTLP/JSON says of the same. */
export function readSpans(body: Uint8Array): unknown {
  return { resourceSpans: all(body, 1).map(resourceSpansOf) }
}

function resourceSpansOf(bytes: Uint8Array): unknown {
  return {
    resource: { attributes: all(one(bytes, 1), 1).map(pairOf) },
    scopeSpans: all(bytes, 2).map((scopeSpans) => ({ scope: scopeOf(one(scopeSpans, 1)), spans: all(scopeSpans, 2).map(spanOf) })),
  }
}

function scopeOf(bytes: Uint8Array): unknown {
  const [name, version] = [text(one(bytes, 1)), all(bytes, 2).map(text)]
  return version.length === 0 ? { name } : { name, version: version[0] }
}

function spanOf(bytes: Uint8Array): unknown {
  const [parent, status] = [all(bytes, 4), all(bytes, 15)]
  return {
    traceId: hex(one(bytes, 1)),
    spanId: hex(one(bytes, 2)),
    ...(parent[0] && { parentSpanId: hex(parent[0]) }),
    name: text(one(bytes, 5)),
    kind: Number(number(bytes, 6)),
    startTimeUnixNano: fixed(one(bytes, 7)),
    endTimeUnixNano: fixed(one(bytes, 8)),
    attributes: all(bytes, 9).map(pairOf),
    events: all(bytes, 11).map((event) => ({
      name: text(one(event, 2)),
      timeUnixNano: fixed(one(event, 1)),
      attributes: all(event, 3).map(pairOf),
    })),
    links: all(bytes, 13).map((link) => ({ traceId: hex(one(link, 1)), spanId: hex(one(link, 2)), attributes: all(link, 4).map(pairOf) })),
    ...countOf(bytes, 10, "droppedAttributesCount"),
    ...countOf(bytes, 12, "droppedEventsCount"),
    ...countOf(bytes, 14, "droppedLinksCount"),
    ...(status[0] && { status: { code: Number(number(status[0], 3)), message: text(one(status[0], 2)) } }),
  }
}

function countOf(bytes: Uint8Array, field: number, name: string): object {
  const count = number(bytes, field)
  return count === undefined ? {} : { [name]: Number(count) }
}

function pairOf(bytes: Uint8Array): unknown {
  return { key: text(one(bytes, 1)), value: valueOf(one(bytes, 2)) }
}

function valueOf(bytes: Uint8Array): unknown {
  const [field] = fieldsOf(bytes)
  if (!field) return {}
  const [kind, value] = field
  if (typeof value === "bigint") return kind === 2 ? { boolValue: value === 1n } : { intValue: String(BigInt.asIntN(64, value)) }
  if (kind === 1) return { stringValue: text(value) }
  if (kind === 4) return { doubleValue: doubleOf(value) }
  return kind === 5 ? { arrayValue: { values: all(value, 1).map(valueOf) } } : { kvlistValue: { values: all(value, 1).map(pairOf) } }
}

function doubleOf(bytes: Uint8Array): number | string {
  const value = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true)
  return Number.isFinite(value) ? value : String(value)
}

function fieldsOf(bytes: Uint8Array): readonly Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = () => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? Number.NaN
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    if ((tag & 7) === 0) fields.push([tag >> 3, varint()])
    else {
      const size = (tag & 7) === 1 ? 8 : Number(varint())
      if (at + size > bytes.length) throw new Error(`Field ${tag >> 3} is said to have ${size} bytes at ${at} of ${bytes.length}.`)
      fields.push([tag >> 3, bytes.subarray(at, (at += size))])
    }
  }
  return fields
}

function all(bytes: Uint8Array, field: number): readonly Uint8Array[] {
  return fieldsOf(bytes).flatMap(([number, value]) => (number === field && typeof value === "object" ? [value] : []))
}

function one(bytes: Uint8Array, field: number): Uint8Array {
  const [value] = all(bytes, field)
  if (!value) throw new Error(`There is no field ${field}.`)
  return value
}

function number(bytes: Uint8Array, field: number): bigint | Uint8Array | undefined {
  return fieldsOf(bytes).find(([number]) => number === field)?.[1]
}

function fixed(bytes: Uint8Array): string {
  return String(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex")
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
