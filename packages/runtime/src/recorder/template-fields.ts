import { writeAttributes, writeOwnAttributes } from "./encode-attributes.ts"
import type { OwnAttributes } from "./own-attributes.ts"
import { encodedBy } from "./protobuf-writer.ts"
import type { Encoded, ProtobufWriter } from "./protobuf-writer.ts"
import type { SpanTemplate } from "./span-template.ts"

/** The fields `name`, `kind` and `attributes` of a shared template's spans, encoded once; `undefined` for a template of one span. */
export function knownFields(template: SpanTemplate, kind: number): Encoded | undefined {
  const known = template.encoded
  return known && (known[kind] ??= encodedBy((writer) => writeFields(writer, template, kind)))
}

/** The field `attributes` with those that several spans share, encoded once; `undefined` for one span's own. */
export function knownAttributes(own: OwnAttributes): Encoded | undefined {
  return own.isShared ? (own.encoded ??= encodedBy((writer) => writeOwnAttributes(writer, 9, own))) : undefined
}

/** Writes those of any template. */
export function writeTemplate(writer: ProtobufWriter, template: SpanTemplate, kind: number): void {
  const known = knownFields(template, kind)
  if (known) writer.encoded(known)
  else writeFields(writer, template, kind)
}

function writeFields(writer: ProtobufWriter, { name, attributes }: SpanTemplate, kind: number): void {
  writer.string(5, name)
  writer.int(6, kind)
  if (attributes) writeAttributes(writer, 9, attributes)
}
