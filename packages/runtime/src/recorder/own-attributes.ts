import type { Encoded } from "./protobuf-writer.ts"
import type { RecordedValue } from "./recorded-value.ts"

/** Attributes of one span, beside those that all spans of its operation have; or of several spans that have the same. */
export class OwnAttributes {
  /** Name, value, name, value, …; each name once. */
  readonly list: readonly RecordedValue[]
  readonly isShared: boolean
  /** As they are sent: the encoder's, of those that are shared. */
  encoded: Encoded | undefined = undefined

  private constructor(list: readonly RecordedValue[], isShared: boolean) {
    this.list = list
    this.isShared = isShared
  }

  /** To be made once for many spans: they are encoded once. */
  static shared(list: readonly RecordedValue[]): OwnAttributes {
    return new OwnAttributes(list, true)
  }

  static single(list: readonly RecordedValue[]): OwnAttributes {
    return new OwnAttributes(list, false)
  }
}

/** Those with one more; it takes the place of the one of that name. */
export function withOwn(own: OwnAttributes | undefined, name: string, value: RecordedValue): OwnAttributes {
  if (own === undefined) return OwnAttributes.single([name, value])
  const { list } = own
  for (let at = 0; at < list.length; at += 2) {
    if (list[at] === name) return OwnAttributes.single(list.with(at + 1, value))
  }
  return OwnAttributes.single([...list, name, value])
}
