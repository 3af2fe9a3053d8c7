import type { SpanKind } from "@hanok/contract"
import type { RecordedAttributes } from "./recorded-value.ts"
import type { SpanDetails } from "./span-details.ts"
import type { SpanIds } from "./span-ids.ts"

/** Eight words of ids a span: trace (4), span (2), parent (2). */
const idWords = 8

/**
 * The spans that wait for their export: arrays made once, one place a span, reused in a circle.
 * When it is full a new span is dropped and counted; recording never waits and never grows.
 */
export class SpanRing {
  readonly capacity: number
  readonly ids: Uint32Array
  /** Milliseconds since the epoch. */
  readonly starts: Float64Array
  readonly ends: Float64Array
  readonly names: string[]
  readonly kinds: SpanKind[]
  readonly attributes: (RecordedAttributes | undefined)[]
  readonly errors: (string | undefined)[]
  readonly details: (SpanDetails | undefined)[]
  readonly #mask: number
  #first = 0
  #size = 0
  #dropped = 0

  /** `atLeast` is rounded up to a power of two. */
  constructor(atLeast: number) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(1, atLeast)))
    this.capacity = capacity
    this.#mask = capacity - 1
    this.ids = new Uint32Array(capacity * idWords)
    this.starts = new Float64Array(capacity)
    this.ends = new Float64Array(capacity)
    this.names = Array.from({ length: capacity }, () => "")
    this.kinds = Array.from({ length: capacity }, () => "internal")
    this.attributes = Array.from({ length: capacity }, () => undefined)
    this.errors = Array.from({ length: capacity }, () => undefined)
    this.details = Array.from({ length: capacity }, () => undefined)
  }

  get size(): number {
    return this.#size
  }

  get dropped(): number {
    return this.#dropped
  }

  push(
    ids: SpanIds,
    name: string,
    kind: SpanKind,
    startMs: number,
    endMs: number,
    attributes: RecordedAttributes | undefined,
    error: string | undefined,
    details: SpanDetails | undefined,
  ): void {
    if (this.#size === this.capacity) {
      this.#dropped++
      return
    }
    const place = (this.#first + this.#size++) & this.#mask
    this.#writeIds(place * idWords, ids)
    this.starts[place] = startMs
    this.ends[place] = endMs
    this.names[place] = name
    this.kinds[place] = kind
    this.attributes[place] = attributes
    this.errors[place] = error
    this.details[place] = details
  }

  /** The place of the `index`-th oldest span. */
  place(index: number): number {
    return (this.#first + index) & this.#mask
  }

  /** Forgets the oldest `count`. */
  drop(count: number): void {
    for (let index = 0; index < count; index++) {
      this.attributes[this.place(index)] = undefined
      this.details[this.place(index)] = undefined
    }
    this.#size -= count
    // An empty ring begins at its first place again, so that the same small part of it is used and stays in the processor's cache.
    this.#first = this.#size === 0 ? 0 : this.place(count)
  }

  #writeIds(at: number, ids: SpanIds): void {
    const words = this.ids
    words[at] = ids.trace0
    words[at + 1] = ids.trace1
    words[at + 2] = ids.trace2
    words[at + 3] = ids.trace3
    words[at + 4] = ids.span0
    words[at + 5] = ids.span1
    words[at + 6] = ids.parent0
    words[at + 7] = ids.parent1
  }
}
