import { Fault } from "@hanok/contract"
import type { Gate } from "../resilience/gate.ts"
import { GatedCall, noticeableMs } from "../resilience/gated-call.ts"
import type { Compartment, GateOperation } from "../resilience/gate.ts"
import type { PendingReply, Seam, SeamCall } from "../seam/seam.ts"

/** A call that came by plain HTTP. */
export class RpcCall extends GatedCall {
  /** Rejects with `OVERLOADED` when the gate does not let it in. */
  readonly reply: Promise<unknown>
  readonly #seam: Seam
  readonly #call: SeamCall
  #resolve: (output: unknown) => void = () => undefined
  #reject: (error: unknown) => void = () => undefined

  constructor(gate: Gate, operation: GateOperation, compartment: Compartment, seam: Seam, call: SeamCall) {
    super(gate, operation, compartment)
    this.#seam = seam
    this.#call = call
    this.reply = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.enter(call.remainingMs)
  }

  override cancel(): void {
    super.cancel()
    // So that whoever waits for it ends.
    this.#reject(new Fault("CANCELLED", "Cancelled: the caller went away."))
  }

  protected send(waitedMs: number): PendingReply {
    const call = this.#call
    return this.#seam.send({ ...call, remainingMs: call.remainingMs - waitedMs, queuedMs: noticeableMs(waitedMs) })
  }

  protected succeeded(output: unknown): void {
    this.#resolve(output)
  }

  protected failed(error: unknown): void {
    this.#reject(error)
  }
}
