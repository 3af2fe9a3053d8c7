import { writeAttributes } from "./encode-attributes.ts"
import { encodedCopy, ProtobufWriter } from "./protobuf-writer.ts"
import type { Encoded } from "./protobuf-writer.ts"
import type { SpanTemplate } from "./span-template.ts"

/** Writes the fields `name`, `kind` and `attributes` of a span, encoded once where the template is shared. */
export function writeTemplate(writer: ProtobufWriter, template: SpanTemplate, kind: number): void {
  const known = template.encoded
  if (known) writer.encoded((known[kind] ??= encodedOnce(template, kind)))
  else writeFields(writer, template, kind)
}

function encodedOnce(template: SpanTemplate, kind: number): Encoded {
  const scratch = new ProtobufWriter()
  writeFields(scratch, template, kind)
  return encodedCopy(scratch.written())
}

function writeFields(writer: ProtobufWriter, { name, attributes }: SpanTemplate, kind: number): void {
  writer.string(5, name)
  writer.uint(6, kind)
  if (attributes) writeAttributes(writer, 9, attributes)
}
