import { isFault } from "@hanok/contract"
import type { Delivery, Logger, Outbox } from "@hanok/contract"
import { messageOf } from "../error-text.ts"
import { every } from "../every.ts"

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

export interface Relay {
  /** Takes no more, and resolves when what is under way has ended. */
  close(): Promise<void>
}

/** Longer than a delivery may take, so that only a dead relay's deliveries are taken over. */
const leaseMs = 15_000
const firstRetryMs = 100
const longestRetryMs = 10_000

/**
 * Brings a module's events from its outbox to their subscribers: at least once, in order per key,
 * one subscriber's failure never holding up another. It looks when the module has committed an event,
 * and every `pollMs` for retries and for what a crashed replica left.
 */
export function createRelay(options: RelayOptions): Relay {
  const relay = new OutboxRelay(options)
  relay.look()
  return relay
}

class OutboxRelay implements Relay {
  readonly #options: RelayOptions
  readonly #underWay = new Set<Promise<void>>()
  readonly #delivered: string[] = []
  readonly #stopPolling: () => void
  readonly #unsubscribe: () => void
  #closed = false
  #looking = false
  #lookAgain = false
  /** There was room for all that was due when it looked last. */
  #tookAll = true
  #acknowledging: Promise<boolean> | undefined
  #lastTrouble = ""

  constructor(options: RelayOptions) {
    this.#options = options
    this.#stopPolling = every(options.pollMs ?? 500, () => this.look())
    this.#unsubscribe = options.outbox.onAppended(() => this.look())
  }

  look(): void {
    this.#lookAgain = true
    if (!this.#looking && !this.#closed) void this.#lookAround()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#stopPolling()
    this.#unsubscribe()
    await Promise.allSettled(this.#underWay)
  }

  async #lookAround(): Promise<void> {
    this.#looking = true
    do {
      this.#lookAgain = false
      await this.#take().catch((error: unknown) => this.#report(error))
    } while (this.#lookAgain && !this.#closed)
    this.#looking = false
  }

  async #take(): Promise<void> {
    const room = (this.#options.concurrency ?? 32) - this.#underWay.size
    this.#tookAll = false
    if (room <= 0) return
    const deliveries = await this.#options.outbox.lease(room, leaseMs)
    this.#tookAll = deliveries.length < room
    this.#lastTrouble = ""
    for (const delivery of deliveries) this.#start(delivery)
  }

  #start(delivery: Delivery): void {
    const work = this.#handOver(delivery).then((mayBeMore) => {
      this.#underWay.delete(work)
      if (mayBeMore || !this.#tookAll) this.look()
    })
    this.#underWay.add(work)
  }

  // Resolves to whether others may be due now that were not before.
  async #handOver(delivery: Delivery): Promise<boolean> {
    try {
      await this.#options.deliver(delivery)
    } catch (error) {
      await this.#fail(delivery, error).catch((trouble: unknown) => this.#report(trouble))
      return true
    }
    this.#delivered.push(delivery.id)
    return (this.#acknowledging ??= this.#acknowledge())
  }

  // One statement for all that ended in the same turn of the event loop.
  async #acknowledge(): Promise<boolean> {
    await new Promise(setImmediate)
    this.#acknowledging = undefined
    try {
      return await this.#options.outbox.delivered(this.#delivered.splice(0))
    } catch (error) {
      this.#report(error)
      return true
    }
  }

  async #fail({ id, subscriber, attempts, envelope }: Delivery, error: unknown): Promise<void> {
    const { log, outbox } = this.#options
    const message = messageOf(error)
    const parks = attempts + 1 >= (this.#options.attempts ?? 8) && !isPassing(error)
    const fields = {
      event: `${envelope.contract}.${envelope.event}`,
      eventId: envelope.id,
      subscriber,
      attempts: attempts + 1,
      error: message,
    }
    if (parks) log.error("event parked after its last try; look at it and replay it", fields)
    else if (!isPassing(error)) log.warn("event will be tried again", fields)
    await outbox.failed(id, message, parks ? undefined : retryInMs(attempts))
  }

  // A database that is away is told once, not twice a second; leases that it holds run out by themselves.
  #report(error: unknown): void {
    const message = messageOf(error)
    if (message !== this.#lastTrouble) this.#options.log.warn("the outbox cannot be reached; trying again", { error: message })
    this.#lastTrouble = message
  }
}

// The subscriber's service is away or busy: that says nothing against the event, so it is never parked for it.
function isPassing(error: unknown): boolean {
  return isFault(error) && error.retryable
}

function retryInMs(attempts: number): number {
  const ceiling = Math.min(longestRetryMs, firstRetryMs * 2 ** attempts)
  return ceiling / 2 + Math.random() * (ceiling / 2)
}
