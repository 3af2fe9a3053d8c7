import type { Identity, Priority } from "@hanok/contract"
import type { SpanIds } from "../recorder/index.ts"
import type { Attempts } from "./attempt.ts"

/** One call, or one event for one subscriber, as it crosses a seam between processes. */
export interface SeamCall {
  /** The module that calls. For an event: the module that emitted it. */
  readonly caller: string
  /** `call`: `operation` of `contract` is asked for. `event`: `operation` of `contract` has happened and `subscriber` is told. */
  readonly kind: "call" | "event"
  readonly contract: string
  /** The operation's or the event's name. */
  readonly operation: string
  /** The listening module, for an event. */
  readonly subscriber: string | undefined
  readonly input: unknown
  /** How long the caller still waits, in milliseconds. A duration, not a time: clocks of two machines differ. */
  readonly remainingMs: number
  /** The caller's span. */
  readonly trace: SpanIds
  readonly identity: Identity | undefined
  readonly idempotencyKey: string | undefined
  /**
   * Of a program outside the topology: the contracts that it may call, as its signed token says. It has no other rights, also where it
   * has the name of a module.
   */
  readonly uses?: readonly string[] | undefined
  /** Whether the caller's signed token says that its version uses the contract, of which this one need not know. */
  readonly isDeclared?: boolean
  /** What the request is worth of which the call is part; the operation's own priority counts without it. */
  readonly priority?: Priority | undefined
  /** Whether the caller passes the output on as JSON: it may then come as a `JsonText`, which saves making values of it in between. */
  readonly wantsJson?: boolean
  /** Whether a service that no longer has the module, or not yet, passes it on: it is passed on once at most. */
  readonly passedOn?: boolean
  /** See `targetText`, when whoever calls again and again has it ready. */
  readonly target?: string
  /** How long it waited at the callee's gate before it began, in milliseconds; for the callee's span. */
  readonly queuedMs?: number | undefined
}

type Targeted = Pick<SeamCall, "caller" | "contract" | "operation" | "subscriber" | "priority" | "wantsJson" | "passedOn">

/**
 * The text that is the same for all calls of one operation by one caller, of one priority and with one form of output, and of one
 * event to one subscriber; of those that are passed on it is another.
 */
export function targetText(call: Targeted): string {
  const { caller, contract, operation, subscriber = "", priority = "", wantsJson = false, passedOn = false } = call
  return `${caller} ${contract} ${operation} ${subscriber} ${priority}${wantsJson ? " json" : ""}${passedOn ? " passed on" : ""}`
}

/** The module that is to do something. */
export function calledModule({ kind, contract, subscriber = "" }: Pick<SeamCall, "kind" | "contract" | "subscriber">): string {
  return kind === "event" ? subscriber : contract
}

/** A call that is under way. */
export interface PendingReply {
  /** The output, or a rejection with a `Refusal` or a `Fault`; never with anything else. */
  readonly reply: Promise<unknown>
  /** Tells the callee that nobody waits any more. `reply` then rejects with `CANCELLED`. After the reply it does nothing. */
  cancel(): void
}

/**
 * The port between a caller and a callee, wherever the callee is.
 * Whoever sends minds the deadline: when it passes, it calls `cancel`.
 */
export interface Seam {
  send(call: SeamCall): PendingReply
}

/** A seam to the replicas of another service, between which whoever calls may choose. */
export interface ReplicatedSeam extends Seam {
  readonly attempts: Attempts
}
