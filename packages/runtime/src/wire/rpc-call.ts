import { Fault } from "@hanok/contract"
import type { Compartment, Gate, GateOperation } from "../resilience/gate.ts"
import { GatedCall, noticeableMs } from "../resilience/gated-call.ts"
import type { PendingReply, Seam, SeamCall } from "../seam/seam.ts"

/** A call that came by plain HTTP. */
export class RpcCall extends GatedCall {
  /** Rejects with `OVERLOADED` when the gate does not let it in. */
  readonly reply: Promise<unknown>
  readonly #seam: Seam
  readonly #call: SeamCall
  readonly #settlers = Promise.withResolvers<unknown>()

  constructor(gate: Gate, operation: GateOperation, compartment: Compartment, seam: Seam, call: SeamCall) {
    super(gate, operation, compartment)
    this.#seam = seam
    this.#call = call
    this.reply = this.#settlers.promise
    this.enter(call.remainingMs)
  }

  override cancel(): void {
    super.cancel()
    // So that whoever waits for it ends.
    this.#settlers.reject(new Fault("CANCELLED", "Cancelled: the caller went away."))
  }

  protected send(waitedMs: number): PendingReply {
    const call = this.#call
    return this.#seam.send({ ...call, remainingMs: call.remainingMs - waitedMs, queuedMs: noticeableMs(waitedMs) })
  }

  protected succeeded(output: unknown): void {
    this.#settlers.resolve(output)
  }

  protected failed(error: unknown): void {
    this.#settlers.reject(error)
  }
}
