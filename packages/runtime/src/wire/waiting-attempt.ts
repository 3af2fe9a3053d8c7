import { Fault } from "@hanok/contract"
import { now } from "../recorder/clock.ts"
import type { BreakerState } from "../resilience/breaker.ts"
import type { Attempt, Receiver } from "../seam/attempt.ts"
import type { SeamCall } from "../seam/seam.ts"

export interface WaitingOptions {
  readonly call: SeamCall
  readonly receiver: Receiver
  readonly waiting: Set<WaitingAttempt>
  readonly waitMs: number
  /** Sends the call if a replica is there now, tells why it never will be sent, or does neither. */
  begin(call: SeamCall, receiver: Receiver): Attempt | Fault | undefined
  unreachable(): Fault
}

/** It waits in so many parts. A process that was held up, for however long, has not listened: that passes for one of them. */
const parts = 4

/** An attempt for which no replica can be reached yet. */
export class WaitingAttempt implements Attempt, Receiver {
  readonly #options: WaitingOptions
  readonly #timer: NodeJS.Timeout
  readonly #since = now()
  #partsLeft = parts
  #untilMs: number | undefined = undefined
  #sent: Attempt | undefined = undefined

  constructor(options: WaitingOptions) {
    this.#options = options
    this.#timer = setTimeout(() => this.#partIsOver(), Math.ceil(Math.min(options.waitMs, options.call.remainingMs) / parts))
    options.waiting.add(this)
  }

  get replica(): string | undefined {
    return this.#sent?.replica
  }

  get breaker(): BreakerState {
    return this.#sent?.breaker ?? "closed"
  }

  get wasSent(): boolean {
    return this.#sent !== undefined
  }

  get waitedMs(): number {
    return (this.#untilMs ?? now()) - this.#since
  }

  tryAgain(): void {
    const { call, begin } = this.#options
    const remainingMs = Math.max(1, call.remainingMs - (now() - this.#since))
    const begun = begin({ ...call, remainingMs }, this)
    if (begun instanceof Fault) this.giveUp(begun)
    else if (begun) {
      this.#sent = begun
      this.#stopWaiting()
    }
  }

  cancel(reason: Fault): void {
    this.#stopWaiting()
    this.#sent?.cancel(reason)
  }

  giveUp(fault: Fault): void {
    this.#stopWaiting()
    this.#options.receiver.failed(fault, this)
  }

  succeeded(output: unknown): void {
    this.#options.receiver.succeeded(output, this)
  }

  failed(error: unknown): void {
    this.#options.receiver.failed(error, this)
  }

  #partIsOver(): void {
    this.#partsLeft -= 1
    if (this.#partsLeft > 0) this.#timer.refresh()
    else this.giveUp(this.#options.unreachable())
  }

  #stopWaiting(): void {
    this.#untilMs ??= now()
    clearTimeout(this.#timer)
    this.#options.waiting.delete(this)
  }
}
