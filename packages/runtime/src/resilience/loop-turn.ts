/** Calls that take less, as most do, are not looked at, in milliseconds. */
const longPartMs = 0.5
/** A turn is over when calls have computed for so long, in milliseconds. */
const longestTurnMs = 25

/**
 * One turn of the event loop, as far as calls compute in it. While they do, nothing else is read: not even who waits, so that nobody
 * could be shed, nor a probe that asks whether the process lives. So a turn is over after a while, and no more is begun until the next.
 */
export class LoopTurn {
  readonly #wait: (next: () => void) => void
  readonly #onNext: () => void
  #sinceMs: number | undefined = undefined
  #isOver = false

  /** `wait` calls back when all of this turn is done, `setImmediate` say; then `onNext` is called: those that had to wait may begin. */
  constructor(wait: (next: () => void) => void, onNext: () => void) {
    this.#wait = wait
    this.#onNext = onNext
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** A call has begun, and did what it does before it waits for anything, in milliseconds of a steady clock. */
  begun(fromMs: number, toMs: number): void {
    if (this.#sinceMs !== undefined || toMs - fromMs >= longPartMs) this.#count(fromMs, toMs)
  }

  /** A call has ended after `tookMs`. It may have waited or computed; those that end behind it in this turn have computed since. */
  ended(tookMs: number, nowMs: number): void {
    if (this.#sinceMs !== undefined || tookMs >= longPartMs) this.#count(nowMs, nowMs)
  }

  #count(fromMs: number, toMs: number): void {
    if (this.#sinceMs === undefined) {
      this.#sinceMs = fromMs
      this.#wait(() => this.#next())
    }
    this.#isOver = this.#sinceMs !== undefined && toMs - this.#sinceMs >= longestTurnMs
  }

  #next(): void {
    this.#sinceMs = undefined
    this.#isOver = false
    this.#onNext()
  }
}
