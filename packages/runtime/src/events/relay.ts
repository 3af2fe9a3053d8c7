import { setTimeout as sleep } from "node:timers/promises"
import { isFault } from "@hanok/contract"
import type { Delivery, EventEnvelope, LeaseLimits, Logger, Outbox } from "@hanok/contract"
import { messageOf } from "../error-text.ts"
import { every } from "../every.ts"
import { Remembered } from "../memory/remembered.ts"
import { now } from "../recorder/clock.ts"
import { ReactionPace } from "./reaction-pace.ts"
import type { ReactionMetrics } from "./reaction-pace.ts"

export interface RelayOptions {
  readonly outbox: Outbox
  /** Hands the event to its subscriber; rejects when that failed. */
  readonly deliver: (delivery: Delivery) => Promise<void>
  readonly log: Logger
  /** Deliveries under way at once; 32 when not given. */
  readonly concurrency?: number
  /** Tries before a delivery that fails in its reaction is parked; 8 when not given. */
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
  /** Takes no more, and resolves when what is under way has ended. */
  close(): Promise<void>
}

/** Longer than a delivery may take, so that only a dead relay's deliveries are taken over. */
const leaseMs = 15_000
const firstRetryMs = 100
const longestRetryMs = 10_000
/** The part of the deliveries under way that may be for one subscriber. */
const subscriberShare = 0.75
/** Of how many deliveries it remembers how often they were postponed. */
const rememberedPostponed = 10_000
/** So many rests in a row, and it is told in the log. */
const restsToldAfter = 3
/** How long a delivery waits for others to be acknowledged with it. */
const acknowledgeWithinMs = 10
/** So many deliveries of those that may be under way are acknowledged at once: their places are needed. */
const acknowledgeShare = 0.25
/** What is committed sooner than this after the last look waits until then for others that come, in milliseconds. */
const gatherMs = 50
/** How long closing waits for a look at the outbox that is under way. */
const lookMs = 1_000

/**
 * Brings a module's events from its outbox to their subscribers: at least once, in order per key,
 * one subscriber's failure never holding up another. It looks when the module has committed an event,
 * at most every 50 ms for that (ADR 15), and every `pollMs` for retries and for what a crashed replica left.
 */
export function createRelay(options: RelayOptions): Relay {
  const relay = new OutboxRelay(options)
  relay.look()
  return relay
}

class OutboxRelay implements Relay {
  readonly counts: DeliveryCounts = { delivered: 0, failed: 0, postponed: 0, parked: 0 }
  readonly #options: RelayOptions
  readonly #places: number
  readonly #underWay = new Set<Promise<void>>()
  /** How many of them are for each subscriber. */
  readonly #underWayFor = new Map<string, number>()
  readonly #paces = new Map<string, ReactionPace>()
  readonly #delivered: string[] = []
  /** How often, by delivery. */
  readonly #postponed = new Remembered<number>({ capacity: rememberedPostponed })
  readonly #stopPolling: () => void
  readonly #unsubscribe: () => void
  #closed = false
  #looking: Promise<void> | undefined
  #lookAgain = false
  #lookedAtMs = Number.NEGATIVE_INFINITY
  #gathering: NodeJS.Timeout | undefined
  /** There was room for all that was due when it looked last. */
  #tookAll = true
  #acknowledging: Promise<boolean> | undefined
  #acknowledgeNow: () => void = () => undefined
  #lastTrouble = ""

  constructor(options: RelayOptions) {
    this.#options = options
    this.#places = options.concurrency ?? 32
    this.#stopPolling = every(options.pollMs ?? 500, () => this.look())
    this.#unsubscribe = options.outbox.onAppended(() => this.#lookSoon())
  }

  reactions(): readonly ReactionMetrics[] {
    const nowMs = now()
    return [...this.#paces.values()].map((pace) => pace.metrics(nowMs))
  }

  look(): void {
    if (this.#closed) return
    this.#lookedAtMs = now()
    this.#lookAgain = true
    this.#looking ??= this.#lookAround()
  }

  // The first is brought at once. Those that follow it closely are looked for, and wake each subscriber, only once.
  #lookSoon(): void {
    if (this.#gathering) return
    const waitMs = this.#lookedAtMs + gatherMs - now()
    if (waitMs <= 0) return this.look()
    const gathered = () => {
      this.#gathering = undefined
      this.look()
    }
    this.#gathering = setTimeout(gathered, Math.ceil(waitMs))
  }

  async close(): Promise<void> {
    if (this.#gathering) this.look()
    this.#closed = true
    this.#stopPolling()
    this.#unsubscribe()
    clearTimeout(this.#gathering)
    // What is being leased at this moment is delivered too: nobody else would get it before its lease ends.
    await Promise.race([this.#looking, sleep(lookMs, undefined, { ref: false })])
    await Promise.allSettled(this.#underWay)
  }

  async #lookAround(): Promise<void> {
    do {
      this.#lookAgain = false
      await this.#take().catch((error: unknown) => this.#report(error))
    } while (this.#lookAgain)
    this.#looking = undefined
  }

  async #take(): Promise<void> {
    this.#tookAll = false
    let isAll: boolean
    do {
      const { limit, ...limits } = this.#room()
      if (limit <= 0) return
      const deliveries = await this.#options.outbox.lease(limit, leaseMs, limits)
      this.#lastTrouble = ""
      for (const delivery of deliveries) this.#start(delivery)
      isAll = deliveries.length < limit
      this.#tookAll = isAll && limits.except.length === 0
    } while (!isAll && !this.#closed)
    if (this.#tookAll) for (const pace of this.#paces.values()) pace.allTaken()
  }

  /** For how many deliveries there is room; not for subscribers that have their share of it, so that those that hang leave some to the others. */
  #room(): Required<LeaseLimits> & { readonly limit: number } {
    const share = this.#share
    const except: string[] = []
    let most = 0
    for (const [subscriber, count] of this.#underWayFor) {
      if (count >= share) except.push(subscriber)
      else most = Math.max(most, count)
    }
    const nowMs = now()
    const limited = [...this.#paces.values()].filter((pace) => pace.lookedFor())
    const reactions = limited.map((pace) => ({ subscriber: pace.subscriber, event: pace.event, limit: pace.room(nowMs) }))
    // All that is leased may be for the one that has the most already.
    return { limit: Math.min(this.#places - this.#underWay.size, share - most), except, reactions }
  }

  get #share(): number {
    return Math.ceil(this.#places * subscriberShare)
  }

  #start(delivery: Delivery): void {
    const { subscriber } = delivery
    this.#underWayFor.set(subscriber, (this.#underWayFor.get(subscriber) ?? 0) + 1)
    const pace = this.#paceOf(delivery)
    const work = this.#handOver(delivery, pace).then((mayBeMore) => {
      pace.end()
      this.#underWay.delete(work)
      this.#underWayFor.set(subscriber, (this.#underWayFor.get(subscriber) ?? 1) - 1)
      if (mayBeMore || !this.#tookAll || pace.mayHaveLeft) this.look()
    })
    this.#underWay.add(work)
  }

  #paceOf({ subscriber, envelope: { event } }: Delivery): ReactionPace {
    const name = `${subscriber} ${event}`
    let pace = this.#paces.get(name)
    if (!pace) this.#paces.set(name, (pace = new ReactionPace(subscriber, event, this.#share)))
    return pace
  }

  // Resolves to whether others may be due now that were not before.
  async #handOver(delivery: Delivery, pace: ReactionPace): Promise<boolean> {
    const round = pace.begin(Date.now() - delivery.envelope.occurredAt)
    try {
      await this.#options.deliver(delivery)
    } catch (error) {
      if (isTurnedAway(error)) this.#turnedAway(delivery, pace, round, error)
      else if (!isPassing(error)) this.#taken(delivery, pace)
      await this.#fail(delivery, error).catch((trouble: unknown) => this.#report(trouble))
      return true
    }
    this.#taken(delivery, pace)
    this.counts.delivered += 1
    this.#postponed.delete(delivery.id)
    this.#delivered.push(delivery.id)
    this.#acknowledging ??= this.#acknowledge()
    // Nobody else may come, or places are needed.
    const enough = Math.min(this.#underWay.size, Math.ceil(this.#places * acknowledgeShare))
    if (this.#delivered.length >= enough) this.#acknowledgeNow()
    return this.#acknowledging
  }

  // One statement for all that ended within a moment: one for each would cost the database more than all else that is done for it.
  async #acknowledge(): Promise<boolean> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, acknowledgeWithinMs)
      this.#acknowledgeNow = () => {
        clearTimeout(timer)
        setImmediate(resolve)
      }
    })
    this.#acknowledging = undefined
    try {
      return await this.#options.outbox.delivered(this.#delivered.splice(0))
    } catch (error) {
      this.#report(error)
      return true
    }
  }

  #taken({ subscriber, envelope }: Delivery, pace: ReactionPace): void {
    if (pace.rests >= restsToldAfter) this.#options.log.info("events are brought again", { event: nameOf(envelope), subscriber })
    pace.taken()
  }

  // A timer counts whole milliseconds from the last whole one, and so may come before the rest is over.
  #lookAfter(restMs: number, pace: ReactionPace): void {
    const lookOrWait = () => {
      const leftMs = pace.restLeftMs(now())
      if (leftMs > 0) this.#lookAfter(leftMs, pace)
      else this.look()
    }
    setTimeout(lookOrWait, Math.ceil(restMs)).unref()
  }

  #turnedAway({ subscriber, envelope }: Delivery, pace: ReactionPace, round: number, error: unknown): void {
    const restMs = pace.turnedAway(round, now())
    if (restMs === undefined) return
    this.#lookAfter(restMs, pace)
    if (pace.rests !== restsToldAfter) return
    const fields = { event: nameOf(envelope), subscriber, error: messageOf(error) }
    this.#options.log.warn("events wait: their subscriber cannot take them", fields)
  }

  async #fail({ id, subscriber, attempts, envelope }: Delivery, error: unknown): Promise<void> {
    if (isPassing(error)) return this.#postpone(id)
    const { log, outbox } = this.#options
    const message = messageOf(error)
    const parks = attempts + 1 >= (this.#options.attempts ?? 8)
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
    await outbox.failed(id, message, parks ? undefined : retryInMs(attempts))
  }

  // Only this relay knows how often: another may begin with a short pause again.
  async #postpone(id: string): Promise<void> {
    this.counts.postponed += 1
    const times = this.#postponed.get(id) ?? 0
    this.#postponed.set(id, times + 1)
    await this.#options.outbox.postponed(id, retryInMs(times))
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
// event, so it is never parked for it.
function isPassing(error: unknown): boolean {
  return isTurnedAway(error) || isFault(error, "IN_PROGRESS") || isFault(error, "CANCELLED")
}

// Whether only for this one event cannot be seen. `IN_PROGRESS` says that it works on it.
function isTurnedAway(error: unknown): boolean {
  return isFault(error) && ((error.retryable && error.code !== "IN_PROGRESS") || error.code === "INCOMPATIBLE_CONTRACT")
}

function retryInMs(attempts: number): number {
  const ceiling = Math.min(longestRetryMs, firstRetryMs * 2 ** attempts)
  return ceiling / 2 + Math.random() * (ceiling / 2)
}
