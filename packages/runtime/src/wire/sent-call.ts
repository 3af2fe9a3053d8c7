import { Fault } from "@hanok/contract"
import type { SeamState } from "../resilience/seam-state.ts"
import type { Attempt, Receiver } from "../seam/attempt.ts"
import type { PendingReply } from "../seam/seam.ts"

/** One attempt as a promise, for those who repeat in their own way. */
export class SentCall implements PendingReply, Receiver {
  readonly reply: Promise<unknown>
  readonly #state: SeamState
  readonly #attempt: Attempt
  readonly #settlers = Promise.withResolvers<unknown>()
  #hasEnded = false

  constructor(state: SeamState, begin: (receiver: Receiver) => Attempt) {
    this.#state = state
    this.reply = this.#settlers.promise
    this.#attempt = begin(this)
  }

  succeeded(output: unknown): void {
    this.#hasEnded = true
    this.#settlers.resolve(output)
  }

  failed(error: unknown): void {
    this.#hasEnded = true
    this.#state.ended(error)
    this.#settlers.reject(error)
  }

  cancel(): void {
    if (this.#hasEnded) return
    const fault = new Fault("CANCELLED", "The call was cancelled; what was begun may still complete.")
    this.#attempt.cancel(fault)
    this.failed(fault)
  }
}
