import { encodedBy } from "./protobuf-writer.ts"
import type { Encoded, ProtobufWriter } from "./protobuf-writer.ts"
import type { OwnAttributes } from "./own-attributes.ts"
import type { RecordedAttributes, RecordedValue } from "./recorded-value.ts"

/** Writes attributes as repeated `KeyValue` of opentelemetry/proto/common/v1/common.proto. */
export function writeAttributes(writer: ProtobufWriter, field: number, attributes: RecordedAttributes): void {
  for (const name in attributes) {
    const value = attributes[name]
    if (value !== undefined) writeAttribute(writer, field, name, value)
  }
}

/** The same of a span's own, whose names are few and encoded once. */
export function writeOwnAttributes(writer: ProtobufWriter, field: number, { list }: OwnAttributes): void {
  // A name is followed by its value: see `OwnAttributes`.
  for (let at = 0; at < list.length; at += 2) {
    const pair = writer.begin(field)
    writeName(writer, String(list[at]))
    writeValue(writer, 2, list[at + 1] ?? null)
    writer.end(pair)
  }
}

function writeAttribute(writer: ProtobufWriter, field: number, name: string, value: RecordedValue): void {
  const pair = writer.begin(field)
  writer.string(1, name)
  writeValue(writer, 2, value)
  writer.end(pair)
}

/** A name that comes later, since names may be made up without end, is encoded each time. */
const mostNames = 256
const names = new Map<string, Encoded>()

function writeName(writer: ProtobufWriter, name: string): void {
  const known = names.get(name)
  if (known) return writer.encoded(known)
  if (names.size < mostNames)
    names.set(
      name,
      encodedBy((scratch) => scratch.string(1, name)),
    )
  writer.string(1, name)
}

// `AnyValue` of the same.
function writeValue(writer: ProtobufWriter, field: number, value: RecordedValue): void {
  const any = writer.begin(field)
  if (typeof value === "string") writer.string(1, value)
  else if (typeof value === "boolean") writer.int(2, value ? 1 : 0)
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
