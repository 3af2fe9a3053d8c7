import type { Fault } from "@hanok/contract"
import type { PendingReply } from "../seam/seam.ts"
import type { Company } from "./adaptive-limit.ts"
import { endingOf } from "./gate.ts"
import type { Compartment, Gate, GateOperation, Visit } from "./gate.ts"

/** A wait as it is told in a span; `undefined` for one too short to be looked for. In milliseconds. */
export function noticeableMs(waitedMs: number): number | undefined {
  return waitedMs < 1 ? undefined : waitedMs
}

/** A call that begins when the gate lets it in: `succeeded` or `failed` is called once, unless it is cancelled before it begins. */
export abstract class GatedCall implements Visit {
  readonly operation: GateOperation
  readonly compartment: Compartment
  deadlineMs = 0
  gateAtMs = 0
  isIn = false
  company: Company = "many"
  readonly #gate: Gate
  #cameAtMs = 0
  #pending: PendingReply | undefined = undefined

  constructor(gate: Gate, operation: GateOperation, compartment: Compartment) {
    this.#gate = gate
    this.operation = operation
    this.compartment = compartment
  }

  /** Comes to the gate, at `nowMs` on its clock, with so much time left. */
  enter(remainingMs: number, nowMs = this.#gate.now()): void {
    this.#cameAtMs = nowMs
    this.deadlineMs = nowMs + remainingMs
    this.#gate.enter(this, nowMs)
  }

  begin(): void {
    try {
      this.#pending = this.send(this.gateAtMs - this.#cameAtMs)
    } catch (error) {
      return this.#fail(error)
    }
    this.#pending.reply.then(
      (output) => {
        this.#gate.leave(this, "done")
        this.succeeded(output)
      },
      (error: unknown) => this.#fail(error),
    )
  }

  shed(fault: Fault): void {
    this.failed(fault, false)
  }

  /** Nobody waits any more. */
  cancel(): void {
    if (this.#pending) this.#pending.cancel()
    else this.#gate.withdraw(this)
  }

  /** Makes the call, which has waited for so long, in milliseconds. */
  protected abstract send(waitedMs: number): PendingReply
  protected abstract succeeded(output: unknown): void
  /** `isOfCall`: the call was made, and this is what came of it. */
  protected abstract failed(error: unknown, isOfCall: boolean): void

  #fail(error: unknown): void {
    this.#gate.leave(this, endingOf(error))
    this.failed(error, true)
  }
}
