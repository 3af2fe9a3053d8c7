import { wallClock } from "./clock.ts"
import type { SpanEncoder } from "./encode-spans.ts"
import type { SpanRing } from "./ring.ts"

/** Spans of one export request: about two thirds of a megabyte. */
const batchSize = 4096

export interface Batch {
  readonly body: Uint8Array
  /** Spans in it. */
  readonly items: number
  readonly isFull: boolean
}

/** Puts recorded spans into the body of the next export request, some at a time, so that no request waits for the encoding of many. */
export class BatchBuilder {
  readonly #ring: SpanRing
  readonly #encoder: SpanEncoder
  #count = 0

  constructor(ring: SpanRing, encoder: SpanEncoder) {
    this.#ring = ring
    this.#encoder = encoder
  }

  get isFull(): boolean {
    return this.#count === batchSize
  }

  /** Takes from the ring what the batch has room for. */
  fill(): void {
    const count = Math.min(this.#ring.size, batchSize - this.#count)
    if (count === 0) return
    this.#encoder.add(this.#ring, count, wallClock.offsetMs())
    this.#ring.drop(count)
    this.#count += count
  }

  /** The batch when it is full, with `rest` also when it is not; `undefined` when there is no such. The one before must have been sent. */
  take(rest: boolean): Batch | undefined {
    this.fill()
    const { isFull } = this
    const items = this.#count
    if (items === 0 || !(isFull || rest)) return undefined
    this.#count = 0
    return { body: this.#encoder.finish(), items, isFull }
  }

  /** Forgets what has not been taken, and says how much it was. */
  discard(): number {
    const left = this.#count + this.#ring.size
    if (this.#count > 0) this.#encoder.finish()
    this.#ring.drop(this.#ring.size)
    this.#count = 0
    return left
  }
}
