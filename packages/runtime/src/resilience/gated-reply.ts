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
  #resolve: (output: unknown) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  constructor(gate: Gate, gated: Gated) {
    this.#gate = gate
    this.#gated = gated
    this.operation = gated.operation
    this.compartment = gated.compartment
    this.#cameAtMs = gate.now()
    this.deadlineMs = this.#cameAtMs + gated.remainingMs
    this.reply = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    gate.enter(this)
  }

  begin(): void {
    this.#pending = this.#gated.begin(this.gateAtMs - this.#cameAtMs)
    this.#pending.reply.then(
      (output) => {
        this.#gate.leave(this, "done")
        this.#resolve(output)
      },
      (error: unknown) => {
        this.#gate.leave(this, endingOf(error))
        this.#reject(error)
      },
    )
  }

  shed(fault: Fault): void {
    this.#reject(fault)
  }

  cancel(): void {
    if (this.#pending) return this.#pending.cancel()
    this.#gate.withdraw(this)
    this.#reject(new Fault("CANCELLED", "The call was cancelled before it began."))
  }
}
