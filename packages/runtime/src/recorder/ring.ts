import { getHeapStatistics } from "node:v8"
import type { SpanKind } from "@hanok/contract"
import type { OwnAttributes } from "./own-attributes.ts"
import { charactersOf } from "./span-characters.ts"
import type { SpanDetails } from "./span-details.ts"
import { nextSpan0, nextSpan1 } from "./span-ids.ts"
import type { SpanIds } from "./span-ids.ts"
import type { SpanTemplate } from "./span-template.ts"

/** `SpanKind` of opentelemetry/proto/trace/v1/trace.proto. */
const kindNumbers: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 }

/** Of 32-bit words a place: trace (4), span (2), parent (2), start and end (2 each, in `times`), kind, characters. The rest is empty. */
export const placeWords = 16
/** Of the same memory as doubles a place: four of ids, start, end. */
export const placeTimes = 8

/**
 * In what spans have for themselves, altogether: a statement, a path, a stack may be of any length, and their number alone bounds no
 * memory. The heap of a small container has less: a character there takes up to two bytes.
 */
const mostCharacters = Math.min(128 * 1024 * 1024, getHeapStatistics().heap_size_limit / 8)

/** What few spans have. */
export interface Rare {
  readonly error: string | undefined
  readonly details: SpanDetails | undefined
}

/**
 * The spans that wait for their export: memory made once, one line of the processor's cache a span, reused in a circle; and what they say.
 * When it is full a new span is dropped and counted; recording never waits and never grows.
 */
export class SpanRing {
  readonly capacity: number
  /** `placeWords` a place. */
  readonly words: Int32Array
  /** `placeTimes` a place: at 4 the start, at 5 the end, in milliseconds since the epoch. */
  readonly times: Float64Array
  readonly templates: (SpanTemplate | undefined)[]
  readonly own: (OwnAttributes | undefined)[]
  readonly #rare = new Map<number, Rare>()
  readonly #mask: number
  #first = 0
  #size = 0
  #dropped = 0
  #characters = 0

  /** `atLeast` is rounded up to a power of two. */
  constructor(atLeast: number) {
    const capacity = 1 << Math.ceil(Math.log2(Math.max(1, atLeast)))
    const memory = new ArrayBuffer(capacity * placeWords * 4)
    this.capacity = capacity
    this.#mask = capacity - 1
    this.words = new Int32Array(memory)
    this.times = new Float64Array(memory)
    this.templates = Array.from({ length: capacity }, () => undefined)
    this.own = Array.from({ length: capacity }, () => undefined)
  }

  get size(): number {
    return this.#size
  }

  get dropped(): number {
    return this.#dropped
  }

  /** A span with ids of its own. */
  push(
    ids: SpanIds,
    template: SpanTemplate,
    kind: SpanKind,
    startMs: number,
    endMs: number,
    own: OwnAttributes | undefined,
    rare: Rare | undefined,
  ): void {
    const place = this.#place()
    if (place < 0) return
    const at = place * placeWords
    this.words[at + 4] = ids.span0
    this.words[at + 5] = ids.span1
    this.words[at + 6] = ids.parent0
    this.words[at + 7] = ids.parent1
    this.#write(place, ids, template, kind, startMs, endMs, own, rare)
  }

  /** A span below `parent` whose ids nobody has asked for: it gets new ones here. */
  pushBelow(
    parent: SpanIds,
    template: SpanTemplate,
    kind: SpanKind,
    startMs: number,
    endMs: number,
    own: OwnAttributes | undefined,
    rare: Rare | undefined,
  ): void {
    const place = this.#place()
    if (place < 0) return
    const at = place * placeWords
    this.words[at + 4] = nextSpan0()
    this.words[at + 5] = nextSpan1()
    this.words[at + 6] = parent.span0
    this.words[at + 7] = parent.span1
    this.#write(place, parent, template, kind, startMs, endMs, own, rare)
  }

  /** The place of the `index`-th oldest span. */
  place(index: number): number {
    return (this.#first + index) & this.#mask
  }

  /** What the span at a place has besides: an error, details. Most have none. */
  rare(place: number): Rare | undefined {
    return this.#rare.size === 0 ? undefined : this.#rare.get(place)
  }

  /** Forgets the oldest `count`. */
  drop(count: number): void {
    for (let index = 0; index < count; index++) {
      const place = this.place(index)
      this.#characters -= this.words[place * placeWords + 13] ?? 0
      if (this.templates[place]?.encoded === undefined) this.templates[place] = undefined
      if (this.own[place] !== undefined) this.own[place] = undefined
      if (this.#rare.size > 0) this.#rare.delete(place)
    }
    this.#size -= count
    // An empty ring begins at its first place again, so that the same small part of it is used and stays in the processor's cache.
    this.#first = this.#size === 0 ? 0 : this.place(count)
  }

  // -1 when there is no room.
  #place(): number {
    if (this.#size < this.capacity && this.#characters < mostCharacters) return (this.#first + this.#size++) & this.#mask
    this.#dropped++
    return -1
  }

  #write(
    place: number,
    trace: SpanIds,
    template: SpanTemplate,
    kind: SpanKind,
    startMs: number,
    endMs: number,
    own: OwnAttributes | undefined,
    rare: Rare | undefined,
  ): void {
    const { words, times } = this
    const at = place * placeWords
    words[at] = trace.trace0
    words[at + 1] = trace.trace1
    words[at + 2] = trace.trace2
    words[at + 3] = trace.trace3
    words[at + 12] = kind === "internal" ? 1 : kindNumbers[kind]
    const characters = charactersOf(template, own, rare)
    words[at + 13] = characters
    this.#characters += characters
    times[place * placeTimes + 4] = startMs
    times[place * placeTimes + 5] = endMs
    this.templates[place] = template
    if (own !== undefined) this.own[place] = own
    if (rare !== undefined) this.#rare.set(place, rare)
  }
}
