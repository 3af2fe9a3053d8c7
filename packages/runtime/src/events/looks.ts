import { setTimeout as sleep } from "node:timers/promises"
import type { Outbox } from "@hanok/contract"
import { every } from "../every.ts"
import { now } from "../recorder/clock.ts"
import type { ReactionPace } from "./reaction-pace.ts"

/** What is committed sooner than this after the last look waits until then for others that come, in milliseconds. */
const gatherMs = 50
/** How long closing waits for a look that is under way, in milliseconds. */
const closingMs = 1_000

/** When an outbox is looked into: one look at a time, and one more after it for all that was asked for meanwhile. */
export class Looks {
  readonly #look: () => Promise<void>
  readonly #stopPolling: () => void
  readonly #unsubscribe: () => void
  #closed = false
  #underWay: Promise<void> | undefined
  #again = false
  #lastAtMs = Number.NEGATIVE_INFINITY
  #gathering: NodeJS.Timeout | undefined

  /** `look` never rejects. */
  constructor(outbox: Outbox, pollMs: number, look: () => Promise<void>) {
    this.#look = look
    this.#stopPolling = every(pollMs, () => this.now())
    this.#unsubscribe = outbox.onAppended(() => this.#soon())
  }

  get areOver(): boolean {
    return this.#closed
  }

  now(): void {
    if (this.#closed) return
    this.#lastAtMs = now()
    this.#again = true
    this.#underWay ??= this.#lookAround()
  }

  /** When the reaction has rested, which it does for so long from now on. */
  afterRest(restMs: number, pace: ReactionPace): void {
    // A timer counts whole milliseconds from the last whole one, and so may come before the rest is over.
    const lookOrWait = () => {
      const leftMs = pace.restLeftMs(now())
      if (leftMs > 0) this.afterRest(leftMs, pace)
      else this.now()
    }
    setTimeout(lookOrWait, Math.ceil(restMs)).unref()
  }

  /** Resolves when the last look has ended. */
  async close(): Promise<void> {
    if (this.#gathering) this.now()
    this.#closed = true
    this.#stopPolling()
    this.#unsubscribe()
    clearTimeout(this.#gathering)
    await Promise.race([this.#underWay, sleep(closingMs, undefined, { ref: false })])
  }

  // What is committed first is looked for at once. What follows it closely is looked for, and wakes each subscriber, only once.
  #soon(): void {
    if (this.#gathering) return
    const waitMs = this.#lastAtMs + gatherMs - now()
    if (waitMs <= 0) return this.now()
    const gathered = () => {
      this.#gathering = undefined
      this.now()
    }
    this.#gathering = setTimeout(gathered, Math.ceil(waitMs))
  }

  async #lookAround(): Promise<void> {
    do {
      this.#again = false
      await this.#look()
    } while (this.#again)
    this.#underWay = undefined
  }
}
