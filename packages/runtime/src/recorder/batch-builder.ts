import { wallClock } from "./clock.ts"
import type { SpanEncoder } from "./encode-spans.ts"
import type { SpanRing } from "./ring.ts"

/** Spans of one export request: about two thirds of a megabyte. */
const batchSize = 4096
/** Of spans that have much to tell fewer are sent at once: receivers refuse what is too long, and all of it is lost. */
const fullBytes = 4 * 1024 * 1024
/** Spans after which the body's length is looked at. */
const stepSize = 64

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
    return this.#count === batchSize || this.#encoder.sizeBytes >= fullBytes
  }

  /** Takes from the ring what the batch has room for. */
  fill(): void {
    if (this.#ring.size === 0) return
    const offsetMs = wallClock.offsetMs()
    while (this.#ring.size > 0 && !this.isFull) {
      const count = Math.min(this.#ring.size, stepSize, batchSize - this.#count)
      this.#encoder.add(this.#ring, count, offsetMs)
      this.#ring.drop(count)
      this.#count += count
    }
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
