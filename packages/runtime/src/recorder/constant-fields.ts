import { writeAttributes } from "./encode-attributes.ts"
import { encodedCopy, ProtobufWriter } from "./protobuf-writer.ts"
import type { Encoded } from "./protobuf-writer.ts"
import type { RecordedAttributes } from "./recorded-value.ts"

/** Names that are kept encoded: those of operations. One that comes later, since names are made up without end, is encoded each time. */
const mostNames = 1024
/** Attributes of a name that are looked at, whether they may be constant. */
const mostTries = 4

/** What the spans of one name have in common. */
interface Constant {
  readonly kind: number
  /** Name and kind. */
  readonly encoded: Encoded
  attributes: RecordedAttributes | undefined
  encodedAttributes: Encoded
  tries: number
}

/** Names, kinds and attributes of spans, encoded once where they are the same each time: attributes that are one frozen object. */
export class ConstantFields {
  readonly #byName = new Map<string, Constant>()
  readonly #scratch = new ProtobufWriter()

  /** Writes the fields `name`, `kind` and `attributes` of a span. */
  write(writer: ProtobufWriter, name: string, kind: number, attributes: RecordedAttributes | undefined): void {
    const constant = this.#byName.get(name) ?? this.#add(name, kind)
    if (constant?.kind === kind) writer.encoded(constant.encoded)
    else writeNameAndKind(writer, name, kind)
    if (attributes === undefined) return
    if (constant?.attributes === attributes) return writer.encoded(constant.encodedAttributes)
    writeAttributes(writer, 9, attributes)
    if (constant && constant.tries < mostTries) this.#tryAttributes(constant, attributes)
  }

  #add(name: string, kind: number): Constant | undefined {
    if (this.#byName.size === mostNames) return undefined
    const encoded = this.#encode((writer) => writeNameAndKind(writer, name, kind))
    const constant = { kind, encoded, attributes: undefined, encodedAttributes: encoded, tries: 0 }
    this.#byName.set(name, constant)
    return constant
  }

  #tryAttributes(constant: Constant, attributes: RecordedAttributes): void {
    constant.tries++
    if (!Object.isFrozen(attributes) || Object.values(attributes).some((value) => typeof value === "object")) return
    constant.attributes = attributes
    constant.encodedAttributes = this.#encode((writer) => writeAttributes(writer, 9, attributes))
  }

  #encode(write: (writer: ProtobufWriter) => void): Encoded {
    this.#scratch.reset()
    write(this.#scratch)
    return encodedCopy(this.#scratch.written())
  }
}

function writeNameAndKind(writer: ProtobufWriter, name: string, kind: number): void {
  writer.string(5, name)
  writer.uint(6, kind)
}
