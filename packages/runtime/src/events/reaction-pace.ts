import { equalJitterMs } from "../resilience/backoff.ts"

/** How a reaction to a module's events does. */
export interface ReactionMetrics {
  readonly subscriber: string
  readonly event: string
  /** Deliveries that may be under way at once; 0 while it rests. */
  readonly limit: number
  /** How long ago the event happened that was tried last, in milliseconds; 0 when none waits. */
  readonly lagMs: number
}

/** How long a reaction rests that cannot be reached: so soon its events are brought when it is there again. */
const rests = { firstMs: 100, longestMs: 1_000 }

/**
 * How many deliveries of an event to a subscriber may be under way at once. Half as many when it turns one away, one more with
 * each that it takes; when it turns away even one alone, it rests, and is then tried with one. So a subscriber that is away costs
 * a delivery a second, and one that is busy gets what it can do, however much waits for it.
 *
 * That it grows by one for each that is taken, and so doubles from round to round, is TCP's slow start (RFC 5681, section 3.1).
 */
export class ReactionPace {
  readonly subscriber: string
  readonly event: string
  readonly #most: number
  #atOnce: number
  #underWay = 0
  #wasLimited = false
  /** How often it has been lowered: what was begun before that says nothing about how it is now. */
  #round = 0
  #rests = 0
  #restsUntilMs = 0
  /** It has taken the last one. */
  #takes = true
  #lagMs = 0

  constructor(subscriber: string, event: string, most: number) {
    this.subscriber = subscriber
    this.event = event
    this.#most = most
    this.#atOnce = most
  }

  /** It has turned some away, and has not taken so many since that it is as before. */
  get isLimited(): boolean {
    return this.#atOnce < this.#most
  }

  /** The outbox is looked into for it. Returns whether it is limited. */
  lookedFor(): boolean {
    this.#wasLimited = this.isLimited
    return this.#wasLimited
  }

  /** When it was looked for last it was limited: what was due may have been left, also when it takes as many as before by now. */
  get mayHaveLeft(): boolean {
    return this.#wasLimited
  }

  /** How often it has rested in a row. */
  get rests(): number {
    return this.#rests
  }

  /** How many more may begin. */
  room(nowMs: number): number {
    return this.restLeftMs(nowMs) > 0 ? 0 : Math.max(0, this.#atOnce - this.#underWay)
  }

  /** How much longer it rests, in milliseconds. */
  restLeftMs(nowMs: number): number {
    return Math.max(0, this.#restsUntilMs - nowMs)
  }

  metrics(nowMs: number): ReactionMetrics {
    const { subscriber, event } = this
    return { subscriber, event, limit: this.restLeftMs(nowMs) > 0 ? 0 : this.#atOnce, lagMs: this.#lagMs }
  }

  /** Nothing is due for it any more that it has room for. */
  allTaken(): void {
    if (this.#underWay === 0 && this.#takes) this.#lagMs = 0
  }

  /** With an event that happened so long ago. Returns what `turnedAway` is to be given. */
  begin(lagMs: number): number {
    this.#underWay += 1
    this.#lagMs = Math.max(0, lagMs)
    return this.#round
  }

  /** One that was begun is over. */
  end(): void {
    this.#underWay -= 1
  }

  /** It has carried one out, well or not. */
  taken(): void {
    this.#atOnce = Math.min(this.#most, this.#atOnce + 1)
    this.#rests = this.#restsUntilMs = 0
    this.#takes = true
  }

  /** It was away or busy; it is to rest that long at least. Returns how long it rests, in milliseconds, if it does so from now on. */
  turnedAway(round: number, nowMs: number, atLeastMs = 0): number | undefined {
    this.#takes = false
    if (round < this.#round) return undefined
    this.#round += 1
    if (atLeastMs === 0 && this.#atOnce > 1) {
      this.#atOnce = Math.floor(this.#atOnce / 2)
      return undefined
    }
    this.#atOnce = 1
    const restMs = Math.max(atLeastMs, equalJitterMs(rests, this.#rests))
    this.#rests += 1
    this.#restsUntilMs = nowMs + restMs
    return restMs
  }
}
