import type { Encoded } from "./protobuf-writer.ts"
import { recordedText } from "./recorded-value.ts"
import type { RecordedAttributes } from "./recorded-value.ts"

/** What spans have in common: those of one operation, or of one route. */
export class SpanTemplate {
  readonly name: string
  readonly attributes: RecordedAttributes | undefined
  /** Name, kind and attributes as they are sent, by the number of the kind: the encoder's. `undefined` for what is one span's alone. */
  readonly encoded: (Encoded | undefined)[] | undefined

  private constructor(name: string, attributes: RecordedAttributes | undefined, encoded: (Encoded | undefined)[] | undefined) {
    this.name = name
    this.attributes = attributes
    this.encoded = encoded
  }

  /** To be made once and kept: it is encoded once. */
  static shared(name: string, attributes?: RecordedAttributes): SpanTemplate {
    return new SpanTemplate(name, attributes && structuredClone(attributes), [])
  }

  /** Of one span alone. `attributes` must stay as they are until it has been sent. */
  static single(name: string, attributes: RecordedAttributes | undefined): SpanTemplate {
    // Of those who name spans not all have types that are checked.
    return new SpanTemplate(recordedText(name), attributes, undefined)
  }
}
