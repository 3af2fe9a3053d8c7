import { writeAttributes } from "./encode-attributes.ts"
import { encodedBy } from "./protobuf-writer.ts"
import type { ProtobufWriter } from "./protobuf-writer.ts"
import type { SpanTemplate } from "./span-template.ts"

/** Writes the fields `name`, `kind` and `attributes` of a span, encoded once where the template is shared. */
export function writeTemplate(writer: ProtobufWriter, template: SpanTemplate, kind: number): void {
  const known = template.encoded
  if (known) writer.encoded((known[kind] ??= encodedBy((scratch) => writeFields(scratch, template, kind))))
  else writeFields(writer, template, kind)
}

function writeFields(writer: ProtobufWriter, { name, attributes }: SpanTemplate, kind: number): void {
  writer.string(5, name)
  writer.uint(6, kind)
  if (attributes) writeAttributes(writer, 9, attributes)
}
