/** So many calls are listened to. */
const enough = 10
const shortestMs = 300
/** What was in before has to go first; so long it may take, or twice as long as a call. */
const longestMs = 3_000

/**
 * A moment in which few calls are let in, to find out how long they take by themselves. It listens to the first that come, and
 * waits for all of them: if it listened to whichever are answered first, it would take quick ones for usual.
 */
export class LimitProbe {
  #beganAtMs = 0
  #endsAtMs = 0
  #givenUpAtMs = 0
  #asked = 0
  #answered = 0

  get beganAtMs(): number {
    return this.#beganAtMs
  }

  get isUnderWay(): boolean {
    return this.#endsAtMs > 0
  }

  /** Whether the last one has ended, or is to end, before all that it listened to has. */
  get wasGivenUp(): boolean {
    return this.#beganAtMs > 0 && this.#answered < enough
  }

  /** `callMs` is about what calls take now. Times are milliseconds of any steady clock. */
  begin(callMs: number, nowMs: number): void {
    this.#beganAtMs = nowMs
    this.#endsAtMs = nowMs + shortestMs
    this.#givenUpAtMs = this.#endsAtMs + Math.max(longestMs, 2 * callMs)
    this.#asked = this.#answered = 0
  }

  /** Whether it listens to one more call. */
  ask(): boolean {
    if (this.#asked === enough) return false
    this.#asked += 1
    return true
  }

  /** A call that it listens to has ended, whichever way; or one that it listened to before it gave up, which is nothing to it now. */
  answer(tookMs: number, nowMs: number): void {
    if (tookMs <= nowMs - this.#beganAtMs) this.#answered += 1
  }

  /** Whether it has just ended. */
  ends(nowMs: number): boolean {
    if (!this.isUnderWay || nowMs < (this.#answered >= enough ? this.#endsAtMs : this.#givenUpAtMs)) return false
    this.#endsAtMs = 0
    return true
  }
}
