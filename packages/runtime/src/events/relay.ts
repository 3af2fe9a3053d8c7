import { isFault } from "@hanok/contract"
import type { Delivery, EventEnvelope, Logger, Outbox } from "@hanok/contract"
import { messageOf } from "../error-text.ts"
import { Remembered } from "../memory/remembered.ts"
import { now } from "../recorder/clock.ts"
import { equalJitterMs } from "../resilience/backoff.ts"
import { isAnswerLost } from "../seam/answer-lost.ts"
import { Acknowledging } from "./acknowledging.ts"
import { Looks } from "./looks.ts"
import type { ReactionMetrics, ReactionPace } from "./reaction-pace.ts"
import { Room } from "./room.ts"
import { UnknownReaction } from "./unknown-reaction.ts"

export interface RelayOptions {
  readonly outbox: Outbox
  /** Hands the event to its subscriber; rejects when that failed. */
  readonly deliver: (delivery: Delivery) => Promise<void>
  readonly log: Logger
  /** Deliveries under way at once; 32 when not given. */
  readonly concurrency?: number
  /** Tries before a delivery is parked that fails in its reaction, or whose process ends in each; 8 when not given. */
  readonly attempts?: number
  /** How often it looks for what another relay has left behind, in milliseconds; 500 when not given. */
  readonly pollMs?: number
}

/** What became of deliveries, since the start of the relay. */
export interface DeliveryCounts {
  delivered: number
  /** Failed in their reaction, and are tried again. */
  failed: number
  /** Tried again since their subscriber was away or busy. */
  postponed: number
  /** Given up after their last try. */
  parked: number
}

export interface Relay {
  readonly counts: Readonly<DeliveryCounts>
  /** Of those that had something delivered. */
  reactions(): readonly ReactionMetrics[]
  /**
   * Takes no more, and resolves when what is under way has ended. Of a process that ends because of an error nothing is told of what is
   * cut then: that may have caused it, and is found abandoned.
   */
  close(options?: { readonly crashed?: boolean }): Promise<void>
}

/** Longer than a delivery may take, so that only a dead relay's deliveries are taken over. */
const leaseMs = 15_000
/** Tries before a delivery is parked, unless told otherwise. */
const usualAttempts = 8
const pauses = { firstMs: 100, longestMs: 10_000 }
/** Of how many deliveries it remembers how often they were postponed. */
const rememberedPostponed = 10_000
/** How long a reaction rests that only relays of another version know: longer than they take to look for what is given back to them. */
const unknownRestMs = 10_000
/** So many rests in a row, and it is told in the log. */
const restsToldAfter = 3

/**
 * Brings a module's events from its outbox to their subscribers: at least once, in order per key,
 * one subscriber's failure never holding up another. It looks when the module has committed an event,
 * at most every 50 ms for that (ADR 15), and every `pollMs` for retries and for what a crashed replica left.
 */
export function createRelay(options: RelayOptions): Relay {
  return new OutboxRelay(options)
}

class OutboxRelay implements Relay {
  readonly counts: DeliveryCounts = { delivered: 0, failed: 0, postponed: 0, parked: 0 }
  readonly #options: RelayOptions
  readonly #room: Room
  readonly #looks: Looks
  readonly #acknowledging: Acknowledging
  readonly #underWay = new Set<Promise<void>>()
  /** How often, by delivery. */
  readonly #postponed = new Remembered<number>({ capacity: rememberedPostponed })
  /** There was room for all that was due when it looked last. */
  #tookAll = true
  #crashed = false
  #lastTrouble = ""

  constructor(options: RelayOptions) {
    const { outbox, concurrency = 32, pollMs = 500 } = options
    this.#options = options
    this.#room = new Room(concurrency)
    this.#acknowledging = new Acknowledging(outbox, concurrency)
    this.#looks = new Looks(outbox, pollMs, () => this.#take().catch((error: unknown) => this.#report(error)))
    this.#looks.now()
  }

  reactions(): readonly ReactionMetrics[] {
    return this.#room.reactions()
  }

  async close({ crashed = false } = {}): Promise<void> {
    this.#crashed = crashed
    // What is being leased at this moment is delivered too: nobody else would get it before its lease ends.
    await this.#looks.close()
    await Promise.allSettled(this.#underWay)
  }

  async #take(): Promise<void> {
    this.#tookAll = false
    let isAll: boolean
    do {
      const { limit, ...limits } = this.#room.look()
      if (limit <= 0) return
      const deliveries = await this.#options.outbox.lease(limit, leaseMs, limits)
      if (this.#lastTrouble !== "") this.#options.log.info("the outbox is reached again")
      this.#lastTrouble = ""
      for (const delivery of deliveries) this.#start(delivery)
      isAll = deliveries.length < limit
      this.#tookAll = isAll && limits.except.length === 0
    } while (!isAll && !this.#looks.areOver)
    if (this.#tookAll) this.#room.allTaken()
  }

  #start(delivery: Delivery): void {
    const pace = this.#room.enter(delivery)
    const work = this.#handOver(delivery, pace).then((mayBeMore) => {
      this.#underWay.delete(work)
      this.#room.leave(pace, delivery)
      if (mayBeMore || delivery.abandoned || !this.#tookAll || pace.mayHaveLeft) this.#looks.now()
    })
    this.#underWay.add(work)
  }

  // Resolves to whether others may be due now that were not before.
  async #handOver(leased: Delivery, pace: ReactionPace): Promise<boolean> {
    const round = pace.begin(Date.now() - leased.envelope.occurredAt)
    let delivery = leased
    try {
      if (leased.abandoned) delivery = await this.#begunAgain(leased)
      await this.#options.deliver(delivery)
    } catch (error) {
      if (this.#crashed && isFault(error, "CANCELLED")) return false
      if (isTurnedAway(error)) this.#turnedAway(delivery, pace, round, error)
      else if (!isPassing(error)) this.#taken(delivery, pace)
      await this.#fail(delivery, error).catch((trouble: unknown) => this.#report(trouble))
      return true
    }
    this.#taken(delivery, pace)
    this.counts.delivered += 1
    this.#postponed.delete(delivery.id)
    return this.#acknowledging.add(delivery.id, this.#underWay.size).catch((trouble: unknown) => {
      this.#report(trouble)
      return true
    })
  }

  // The try that was abandoned counts: the event may have been what brought the process down.
  async #begunAgain(delivery: Delivery): Promise<Delivery> {
    if (this.#isLast(delivery)) throw new Error("The process ended in which it was under way.")
    await this.#options.outbox.begunAgain(delivery.id, leaseMs)
    return { ...delivery, attempts: delivery.attempts + 1 }
  }

  #taken({ subscriber, envelope }: Delivery, pace: ReactionPace): void {
    if (pace.rests >= restsToldAfter) this.#options.log.info("events are brought again", { event: nameOf(envelope), subscriber })
    pace.taken()
  }

  #turnedAway({ subscriber, envelope }: Delivery, pace: ReactionPace, round: number, error: unknown): void {
    const restMs = pace.turnedAway(round, now(), error instanceof UnknownReaction ? unknownRestMs : 0)
    if (restMs === undefined) return
    this.#looks.afterRest(restMs, pace)
    if (pace.rests !== restsToldAfter) return
    const fields = { event: nameOf(envelope), subscriber, error: messageOf(error) }
    this.#options.log.warn("events wait: their subscriber cannot take them", fields)
  }

  async #fail({ id, subscriber, attempts, envelope }: Delivery, error: unknown): Promise<void> {
    if (error instanceof UnknownReaction) return this.#giveBack(id)
    if (isPassing(error)) return this.#postpone(id)
    const { log, outbox } = this.#options
    const message = messageOf(error)
    const parks = this.#isLast({ attempts })
    const fields = {
      event: nameOf(envelope),
      eventId: envelope.id,
      subscriber,
      attempts: attempts + 1,
      error: message,
    }
    this.counts[parks ? "parked" : "failed"] += 1
    if (parks) log.error("event parked after its last try; see `hanok events`", fields)
    else log.warn("event will be tried again", fields)
    await outbox.failed(id, message, parks ? undefined : equalJitterMs(pauses, attempts))
  }

  #isLast({ attempts }: Pick<Delivery, "attempts">): boolean {
    return attempts + 1 >= (this.#options.attempts ?? usualAttempts)
  }

  // Only this relay knows how often: another may begin with a short pause again.
  async #postpone(id: string): Promise<void> {
    this.counts.postponed += 1
    const times = this.#postponed.get(id) ?? 0
    this.#postponed.set(id, times + 1)
    await this.#options.outbox.postponed(id, equalJitterMs(pauses, times))
  }

  // To whoever knows what to do with it, at once.
  async #giveBack(id: string): Promise<void> {
    this.counts.postponed += 1
    await this.#options.outbox.postponed(id, 0)
  }

  // A database that is away is told once, not twice a second; leases that it holds run out by themselves.
  #report(error: unknown): void {
    const message = messageOf(error)
    if (message !== this.#lastTrouble) this.#options.log.warn("the outbox cannot be reached; trying again", { error: message })
    this.#lastTrouble = message
  }
}

function nameOf({ contract, event }: EventEnvelope): string {
  return `${contract}.${event}`
}

// The subscriber's service is away or busy, or runs a version that does not fit, or this one is stopping: that says nothing against the
// event, so it is never parked for it. That its process ended while the event was under way there may well.
function isPassing(error: unknown): boolean {
  if (isAnswerLost(error)) return false
  return isTurnedAway(error) || isFault(error, "IN_PROGRESS") || isFault(error, "CANCELLED")
}

// Whether only for this one event cannot be seen. `IN_PROGRESS` says that it works on it.
function isTurnedAway(error: unknown): boolean {
  if (error instanceof UnknownReaction) return true
  return isFault(error) && ((error.retryable && error.code !== "IN_PROGRESS") || error.code === "INCOMPATIBLE_CONTRACT")
}
