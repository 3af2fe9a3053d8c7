import { isFault } from "@hanok/contract"
import type { Fault, FaultCode } from "@hanok/contract"
import { now } from "../recorder/clock.ts"
import type { Breaker, BreakerState } from "../resilience/breaker.ts"
import type { ReplicaHealth } from "../resilience/replica-health.ts"
import type { SeamState } from "../resilience/seam-state.ts"
import { outrun } from "../seam/attempt.ts"
import type { Attempt, Receiver } from "../seam/attempt.ts"
import { JsonText } from "../seam/json-text.ts"
import type { SeamCall } from "../seam/seam.ts"
import { errorOfReply } from "./message.ts"
import type { ReplyMessage } from "./message.ts"

/** What an attempt has to know of the connection that it is sent on. */
export interface Carrier {
  /** Forgets the attempt, and tells the callee that nobody waits for it. False when it was over already. */
  cancel(attempt: WireAttempt): boolean
}

/** Answers that say something against the replica; what only says something against the call is none. */
const bad: ReadonlySet<FaultCode> = new Set(["INTERNAL", "INVALID_OUTPUT", "UNAVAILABLE", "OVERLOADED", "DEADLINE_EXCEEDED"])

/** An answer that comes when so much of the call's time has passed comes too late, or as good as. */
const lateShare = 0.9

/** A deadline that is noticed so much too late was noticed by a process that was held up, and heard no answer meanwhile either. */
const heldUpMs = 100

/** A call on its way to one replica and back. Whatever becomes of it is counted for the replica and for the seam's breaker. */
export class WireAttempt implements Attempt {
  readonly replica: string
  readonly breaker: BreakerState
  readonly wasSent = true
  readonly call: SeamCall
  readonly sentAtMs: number
  /** Its number on the connection. */
  id = 0
  nextInTable: WireAttempt | undefined = undefined
  readonly #receiver: Receiver
  readonly #state: SeamState
  readonly #guard: Breaker
  readonly #health: ReplicaHealth
  readonly #carrier: Carrier

  constructor(
    call: SeamCall,
    replica: { readonly name: string; readonly health: ReplicaHealth },
    carrier: Carrier,
    state: SeamState,
    receiver: Receiver,
    nowMs: number,
  ) {
    this.call = call
    this.replica = replica.name
    this.#health = replica.health
    this.#carrier = carrier
    this.#state = state
    this.#guard = state.breakerOf(replica.name)
    this.#receiver = receiver
    this.sentAtMs = nowMs
    this.breaker = this.#guard.sent(nowMs)
  }

  answered(reply: ReplyMessage, nowMs: number): void {
    const tookMs = nowMs - this.sentAtMs
    if (reply[1] === 0 || reply[1] === 3) {
      this.#isWell(nowMs, tookMs)
      this.#guard.succeeded(nowMs, this.breaker)
      return this.#receiver.succeeded(reply[1] === 0 ? reply[2] : new JsonText(reply[2]), this)
    }
    const error = errorOfReply(reply, this.call.contract, this.call.operation)
    const hadTooLittleTime = this.#hadTooLittleTime(error, nowMs)
    if (hadTooLittleTime) this.#health.givenUp(nowMs, tookMs)
    else if (isFault(error) && bad.has(error.code)) this.#health.failed(nowMs, Math.max(tookMs, error.retryAfterMs ?? 0))
    else this.#isWell(nowMs, tookMs)
    // An answer is a sign of life, whatever it says: only one that came too late counts for the breaker.
    const isLate = isFault(error, "DEADLINE_EXCEEDED") && tookMs >= this.call.remainingMs * lateShare
    if (isLate && !hadTooLittleTime) this.#guard.failed(nowMs, this.breaker)
    else this.#guard.succeeded(nowMs, this.breaker)
    this.#receiver.failed(error, this)
  }

  /** There will be no answer. */
  lost(fault: Fault, nowMs: number): void {
    this.#health.failed(nowMs, nowMs - this.sentAtMs)
    this.#guard.failed(nowMs, this.breaker)
    this.#receiver.failed(fault, this)
  }

  /** It was not sent, for a reason that says nothing against the replica. */
  notSent(fault: Fault): void {
    this.#guard.unknown(this.breaker)
    queueMicrotask(() => this.#receiver.failed(fault, this))
  }

  cancel(reason: Fault): void {
    if (!this.#carrier.cancel(this)) return
    const nowMs = now()
    if (nowMs - this.sentAtMs > this.call.remainingMs + heldUpMs) this.#guard.unknown(this.breaker)
    else if (isFault(reason, "DEADLINE_EXCEEDED") && !this.#hadTooLittleTime(reason, nowMs)) {
      this.#health.failed(nowMs, nowMs - this.sentAtMs)
      this.#guard.failed(nowMs, this.breaker)
    } else {
      if (reason === outrun) this.#health.outrun(nowMs, nowMs - this.sentAtMs)
      else this.#health.givenUp(nowMs, nowMs - this.sentAtMs)
      this.#guard.unknown(this.breaker)
    }
  }

  #isWell(nowMs: number, tookMs: number): void {
    this.#health.answered(nowMs, tookMs)
    this.#state.answered(this.call.operation, tookMs, nowMs)
  }

  /** Its deadline passed, but most of its time had been spent elsewhere: that says nothing against the replica. */
  #hadTooLittleTime(error: unknown, nowMs: number): boolean {
    return isFault(error, "DEADLINE_EXCEEDED") && this.#state.usuallyTakesLonger(this.call.operation, this.call.remainingMs, nowMs)
  }
}
