import type { Delivery, LeaseLimits } from "@hanok/contract"
import { now } from "../recorder/clock.ts"
import { ReactionPace } from "./reaction-pace.ts"
import type { ReactionMetrics } from "./reaction-pace.ts"

/** The part of the deliveries under way that may be for one subscriber. */
const subscriberShare = 0.75

/**
 * For how many deliveries there is room, altogether, for each subscriber and for each reaction. For one at most that was abandoned: when a
 * process ends, so does all that is under way in it, and only who is alone shows whether it was that which brought the process down.
 */
export class Room {
  readonly #places: number
  /** The most for one subscriber, so that those that hang leave some to the others. */
  readonly #share: number
  readonly #takenBy = new Map<string, number>()
  readonly #paces = new Map<string, ReactionPace>()
  /** One whose last try was abandoned is under way. */
  #hasAbandoned = false

  constructor(places: number) {
    this.#places = places
    this.#share = Math.ceil(places * subscriberShare)
  }

  /** How many may be leased now, and for whom how few. */
  look(): Required<LeaseLimits> & { readonly limit: number } {
    const except: string[] = []
    let [taken, most] = [0, 0]
    for (const [subscriber, count] of this.#takenBy) {
      taken += count
      if (count >= this.#share) except.push(subscriber)
      else most = Math.max(most, count)
    }
    const nowMs = now()
    const limited = [...this.#paces.values()].filter((pace) => pace.lookedFor())
    const reactions = limited.map((pace) => ({ subscriber: pace.subscriber, event: pace.event, limit: pace.room(nowMs) }))
    // All that is leased may be for the one that has the most already.
    return { limit: Math.min(this.#places - taken, this.#share - most), except, reactions, withoutAbandoned: this.#hasAbandoned }
  }

  /** A delivery takes its place. */
  enter({ subscriber, envelope: { event }, abandoned }: Delivery): ReactionPace {
    this.#count(subscriber, 1)
    if (abandoned) this.#hasAbandoned = true
    const name = `${subscriber} ${event}`
    let pace = this.#paces.get(name)
    if (!pace) this.#paces.set(name, (pace = new ReactionPace(subscriber, event, this.#share)))
    return pace
  }

  /** One that entered at that pace is over. */
  leave(pace: ReactionPace, { abandoned }: Delivery): void {
    pace.end()
    if (abandoned) this.#hasAbandoned = false
    this.#count(pace.subscriber, -1)
  }

  /** Nothing is due that there is room for. */
  allTaken(): void {
    for (const pace of this.#paces.values()) pace.allTaken()
  }

  reactions(): readonly ReactionMetrics[] {
    const nowMs = now()
    return [...this.#paces.values()].map((pace) => pace.metrics(nowMs))
  }

  #count(subscriber: string, change: number): void {
    this.#takenBy.set(subscriber, (this.#takenBy.get(subscriber) ?? 0) + change)
  }
}
