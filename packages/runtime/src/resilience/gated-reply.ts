import { Fault } from "@hanok/contract"
import type { PendingReply } from "../seam/seam.ts"
import { endingOf } from "./gate.ts"
import type { Compartment, Gate, GateOperation, Visit } from "./gate.ts"

export interface Gated {
  readonly operation: GateOperation
  readonly compartment: Compartment
  readonly remainingMs: number
  /** Begins the call, after it has waited for so long. */
  begin(waitedMs: number): PendingReply
}

/** A wait as it is told in a span; `undefined` for one too short to be looked for. In milliseconds. */
export function noticeableMs(waitedMs: number): number | undefined {
  return waitedMs < 1 ? undefined : waitedMs
}

/** A call that begins when the gate lets it in; `OVERLOADED` when it does not. */
export class GatedReply implements PendingReply, Visit {
  readonly reply: Promise<unknown>
  readonly operation: GateOperation
  readonly compartment: Compartment
  readonly deadlineMs: number
  gateAtMs = 0
  isIn = false
  wasCalm = false
  readonly #gate: Gate
  readonly #gated: Gated
  readonly #cameAtMs: number
  #pending: PendingReply | undefined = undefined
  #outcome: Promise<unknown> | undefined = undefined
  #resolve: ((output: unknown) => void) | undefined = undefined

  constructor(gate: Gate, gated: Gated) {
    this.#gate = gate
    this.#gated = gated
    this.operation = gated.operation
    this.compartment = gated.compartment
    this.#cameAtMs = gate.now()
    this.deadlineMs = this.#cameAtMs + gated.remainingMs
    gate.enter(this, this.#cameAtMs)
    // Most have begun, or been shed, by now.
    this.reply = this.#outcome ?? new Promise((resolve) => (this.#resolve = resolve))
  }

  begin(): void {
    this.#pending = this.#gated.begin(this.gateAtMs - this.#cameAtMs)
    this.#settle(this.#pending.reply.then(this.#done, this.#failed))
  }

  shed(fault: Fault): void {
    this.#settle(Promise.reject(fault))
  }

  cancel(): void {
    if (this.#pending) return this.#pending.cancel()
    if (this.#outcome) return
    this.#gate.withdraw(this)
    this.#settle(Promise.reject(new Fault("CANCELLED", "The call was cancelled before it began.")))
  }

  readonly #done = (output: unknown): unknown => {
    this.#gate.leave(this, "done")
    return output
  }

  readonly #failed = (error: unknown): never => {
    this.#gate.leave(this, endingOf(error))
    throw error
  }

  #settle(outcome: Promise<unknown>): void {
    this.#outcome = outcome
    this.#resolve?.(outcome)
  }
}
