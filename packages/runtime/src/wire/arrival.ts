import type { Fault, Identity } from "@hanok/contract"
import { SpanIds } from "../recorder/index.ts"
import { endingOf } from "../resilience/gate.ts"
import type { Compartment, Gate, GateOperation, Visit } from "../resilience/gate.ts"
import { noticeableMs } from "../resilience/gated-reply.ts"
import type { PendingReply, Seam } from "../seam/seam.ts"
import type { Numbered } from "./call-table.ts"
import { replyOfError } from "./message.ts"
import type { CallMessage, ReplyMessage, TargetMessage } from "./message.ts"

/** All that calls with one target have in common, looked up once. */
export interface Target {
  readonly message: TargetMessage
  /** See `targetText`. */
  readonly name: string
  readonly operation: GateOperation
  readonly compartment: Compartment
  /** Whether the peer may speak for the caller. */
  readonly isOwn: boolean
}

/** Where arrivals go, and where their answers go. */
export interface Destination {
  readonly gate: Gate
  readonly seam: Seam
  /** The contracts that the peer may call as a program outside the topology. */
  readonly uses: readonly string[]
  answer(reply: ReplyMessage): void
  identityOf(subject: string, roles: readonly string[]): Identity
}

/** A call that has come in on a connection: it waits at the gate if it must, then goes to the seam. */
export class Arrival implements Visit, Numbered<Arrival> {
  readonly id: number
  nextInTable: Arrival | undefined = undefined
  readonly operation: GateOperation
  readonly compartment: Compartment
  readonly deadlineMs: number
  gateAtMs = 0
  isIn = false
  wasCalm = false
  readonly #destination: Destination
  readonly #message: CallMessage
  readonly #target: Target
  readonly #cameAtMs: number
  #pending: PendingReply | undefined = undefined

  /** It came at `cameAtMs` on the gate's clock. */
  constructor(destination: Destination, message: CallMessage, target: Target, cameAtMs: number) {
    this.id = message[0]
    this.#destination = destination
    this.#message = message
    this.#target = target
    this.operation = target.operation
    this.compartment = target.compartment
    this.#cameAtMs = cameAtMs
    this.deadlineMs = this.#cameAtMs + message[2]
  }

  begin(): void {
    const { gate, answer } = this.#destination
    const { id } = this
    this.#pending = this.#send(this.gateAtMs - this.#cameAtMs)
    this.#pending.reply.then(
      (output) => {
        gate.leave(this, "done")
        answer([id, 0, output])
      },
      (error: unknown) => {
        gate.leave(this, endingOf(error))
        answer(replyOfError(id, error))
      },
    )
  }

  shed(fault: Fault): void {
    this.#destination.answer(replyOfError(this.id, fault))
  }

  cancel(): void {
    if (this.#pending) this.#pending.cancel()
    else this.#destination.gate.withdraw(this)
  }

  #send(waitedMs: number): PendingReply {
    const { seam, uses, identityOf } = this.#destination
    const [, , remainingMs, trace0, trace1, trace2, trace3, span0, span1, subject, roles, key, input] = this.#message
    const [, kind, caller, contract, operation, subscriber, priority] = this.#target.message
    return seam.send({
      kind,
      caller,
      contract,
      operation,
      subscriber: subscriber ?? undefined,
      input,
      remainingMs: remainingMs - waitedMs,
      trace: new SpanIds(trace0, trace1, trace2, trace3, span0, span1, 0, 0),
      identity: subject === null ? undefined : identityOf(subject, roles ?? []),
      idempotencyKey: key ?? undefined,
      priority: priority ?? undefined,
      uses,
      target: this.#target.name,
      queuedMs: noticeableMs(waitedMs),
    })
  }
}
