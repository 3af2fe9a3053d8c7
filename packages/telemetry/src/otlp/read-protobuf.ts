import { BinaryReader, WireType } from "@bufbuild/protobuf/wire"
import { Malformed } from "./malformed.ts"
import { deepest, mostMessages } from "./message.ts"
import type { FieldKind, Message, NamedField } from "./message.ts"

/** Reads a protobuf message (https://protobuf.dev/programming-guides/encoding). Throws `Malformed` on bytes that are none. */
export function readProtobuf<T>(message: Message<T>, bytes: Uint8Array): T {
  const reader = Object.assign(new BinaryReader(bytes), { messages: 0 })
  try {
    // The fields were read by the very description that the type was inferred from.
    return readMessage(reader, reader.len, message, 0, {}) as T
  } catch (error) {
    if (error instanceof Malformed) throw error
    throw new Malformed(`byte ${reader.pos}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

type Values = Record<string, unknown>

interface CountingReader extends BinaryReader {
  /** That have been begun. */
  messages: number
}

// Into `values`, since a message may come in parts.
function readMessage(reader: CountingReader, end: number, message: Message<unknown>, depth: number, values: Values): Values {
  if (depth > deepest) throw new Malformed(`byte ${reader.pos}: more than ${deepest} messages lie in each other`)
  if (reader.messages++ === mostMessages) throw new Malformed(`byte ${reader.pos}: more than ${mostMessages} messages; send less at once`)
  while (reader.pos < end) {
    const [number, wireType] = reader.tag()
    const field = message.byNumber[number]
    if (field && wireType === wireTypes[field.kind]) keep(values, field, readField(reader, end, field, depth, values[field.name]))
    else reader.skip(wireType, number)
  }
  if (reader.pos > end) throw new Malformed(`byte ${end}: a message ends in the middle of a field`)
  return values
}

function keep(values: Values, field: NamedField, value: unknown): void {
  const before = values[field.name]
  if (!field.repeated) values[field.name] = value
  else if (Array.isArray(before)) before.push(value)
  else values[field.name] = [value]
}

function readField(reader: CountingReader, end: number, field: NamedField, depth: number, before: unknown): unknown {
  if (!field.message) return scalars[field.kind]?.(reader)
  const length = reader.uint32()
  if (reader.pos + length > end) throw new Malformed(`byte ${reader.pos}: ${field.name} is ${length} bytes long, more than there are`)
  // What was read of a field that holds one message are its values.
  return readMessage(reader, reader.pos + length, field.message(), depth + 1, field.repeated ? {} : ((before ?? {}) as Values))
}

const scalars: Readonly<Partial<Record<FieldKind, (reader: BinaryReader) => unknown>>> = {
  string: (reader) => reader.string(),
  id: (reader) => textOf(reader.bytes(), "hex"),
  bytes: (reader) => textOf(reader.bytes(), "base64"),
  bool: (reader) => reader.bool(),
  enum: (reader) => reader.int32(),
  int64: (reader) => BigInt(reader.int64()),
  fixed64: (reader) => BigInt(reader.fixed64()),
  double: (reader) => reader.double(),
}

const wireTypes: Readonly<Record<FieldKind, WireType>> = {
  string: WireType.LengthDelimited,
  id: WireType.LengthDelimited,
  bytes: WireType.LengthDelimited,
  message: WireType.LengthDelimited,
  bool: WireType.Varint,
  enum: WireType.Varint,
  int64: WireType.Varint,
  fixed64: WireType.Bit64,
  double: WireType.Bit64,
}

function textOf(bytes: Uint8Array, encoding: "hex" | "base64"): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding)
}
