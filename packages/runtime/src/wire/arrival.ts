import type { Identity } from "@hanok/contract"
import { SpanIds } from "../recorder/index.ts"
import type { Compartment, Gate, GateOperation } from "../resilience/gate.ts"
import { GatedCall, noticeableMs } from "../resilience/gated-call.ts"
import type { PendingReply, Seam } from "../seam/seam.ts"
import type { Numbered } from "./call-table.ts"
import { replyOfError, replyOfOutput } from "./message.ts"
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
  /** The contracts that the caller may call, as a program outside the topology; undefined for a module. */
  readonly uses: readonly string[] | undefined
  /** See `SeamCall`. */
  readonly isDeclared: boolean
  /** See `SeamCall`. */
  readonly passedOn: boolean
}

/** Where arrivals go, and where their answers go. */
export interface Destination {
  readonly gate: Gate
  readonly seam: Seam
  answer(reply: ReplyMessage): void
  identityOf(subject: string, roles: readonly string[]): Identity
}

/** A call that has come in on a connection: it waits at the gate if it must, then goes to the seam. */
export class Arrival extends GatedCall implements Numbered<Arrival> {
  readonly id: number
  nextInTable: Arrival | undefined = undefined
  readonly #destination: Destination
  readonly #message: CallMessage
  readonly #target: Target

  constructor(destination: Destination, message: CallMessage, target: Target) {
    super(destination.gate, target.operation, target.compartment)
    this.id = message[0]
    this.#destination = destination
    this.#message = message
    this.#target = target
  }

  /** Comes to the gate, at `cameAtMs` on its clock. */
  arrive(cameAtMs: number): void {
    this.enter(this.#message[2], cameAtMs)
  }

  protected succeeded(output: unknown): void {
    this.#destination.answer(replyOfOutput(this.id, output, this.#target.message[7] === true))
  }

  protected failed(error: unknown): void {
    this.#destination.answer(replyOfError(this.id, error))
  }

  protected send(waitedMs: number): PendingReply {
    const { seam, identityOf } = this.#destination
    const [, , remainingMs, trace0, trace1, trace2, trace3, span0, span1, subject, roles, key, input] = this.#message
    const [, kind, caller, contract, operation, subscriber, priority, wantsJson] = this.#target.message
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
      uses: this.#target.uses,
      isDeclared: this.#target.isDeclared,
      wantsJson: wantsJson === true,
      passedOn: this.#target.passedOn,
      target: this.#target.name,
      queuedMs: noticeableMs(waitedMs),
    })
  }
}
