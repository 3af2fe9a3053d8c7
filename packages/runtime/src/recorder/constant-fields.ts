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
  /** The attributes that are constant, if they are. */
  attributes: RecordedAttributes | undefined
  /** Name, kind and `attributes`. */
  whole: Encoded
  tries: number
}

/** Names, kinds and attributes of spans, encoded once where they are the same each time: attributes that are one frozen object. */
export class ConstantFields {
  readonly #byName = new Map<string, Constant>()
  readonly #scratch = new ProtobufWriter()

  /** Writes the fields `name`, `kind` and `attributes` of a span. */
  write(writer: ProtobufWriter, name: string, kind: number, attributes: RecordedAttributes | undefined): void {
    const constant = this.#byName.get(name) ?? this.#add(name, kind)
    if (constant?.kind !== kind) writeNameAndKind(writer, name, kind)
    else if (constant.attributes === attributes) return writer.encoded(constant.whole)
    else writer.encoded(constant.encoded)
    if (attributes === undefined) return
    writeAttributes(writer, 9, attributes)
    if (constant?.kind === kind && constant.tries < mostTries) this.#tryAttributes(constant, name, attributes)
  }

  #add(name: string, kind: number): Constant | undefined {
    if (this.#byName.size === mostNames) return undefined
    const encoded = this.#encode((writer) => writeNameAndKind(writer, name, kind))
    const constant = { kind, encoded, attributes: undefined, whole: encoded, tries: 0 }
    this.#byName.set(name, constant)
    return constant
  }

  #tryAttributes(constant: Constant, name: string, attributes: RecordedAttributes): void {
    constant.tries++
    if (!Object.isFrozen(attributes) || Object.values(attributes).some((value) => typeof value === "object")) return
    constant.attributes = attributes
    constant.whole = this.#encode((writer) => {
      writeNameAndKind(writer, name, constant.kind)
      writeAttributes(writer, 9, attributes)
    })
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
