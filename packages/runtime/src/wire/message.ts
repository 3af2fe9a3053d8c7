import { Fault, faultCodes, isFault, isRefusal, Refusal } from "@hanok/contract"
import type { FaultCode, Issue, Priority } from "@hanok/contract"
import { asTold, isDefect } from "../context/told-faults.ts"
import { asFromFurtherIn, isFromFurtherIn } from "../resilience/retry-rule.ts"
import { JsonText } from "../seam/json-text.ts"

/** What all calls of one operation by one caller and of one priority have in common; sent once, in a frame before the first of them, and then named by number. */
export type TargetMessage = readonly [
  number: number,
  kind: "call" | "event",
  caller: string,
  contract: string,
  operation: string,
  subscriber: string | null,
  /** Of the request; the operation's own counts without it. */
  priority: Priority | null,
  /** Whether outputs may come as JSON text. Who does not know of that answers with values. */
  wantsJson?: boolean,
  /** Whether the service that sends them does so for the caller: see `SeamCall`. */
  passedOn?: boolean,
]

/** So many targets may be named on one connection, which the callee remembers all; whoever calls for very many others then takes a new one. */
export const mostTargets = 10_000

/** One call: its number on the connection, its target, milliseconds left, the caller's trace and span id as words, identity, key, input. */
export type CallMessage = readonly [
  id: number,
  target: number,
  remainingMs: number,
  trace0: number,
  trace1: number,
  trace2: number,
  trace3: number,
  span0: number,
  span1: number,
  subject: string | null,
  roles: readonly string[] | null,
  idempotencyKey: string | null,
  input: unknown,
]

/** One answer: an output (0), a refusal (1), a fault (2; with what it has of its last two) or an output as JSON text (3). */
export type ReplyMessage =
  | readonly [id: number, kind: 0, output: unknown]
  | readonly [id: number, kind: 1, code: string, details: unknown]
  | readonly [
      id: number,
      kind: 2,
      code: string,
      message: string,
      retryAfterMs: number | null,
      issues: readonly Issue[],
      /** When it is not that of its code. */
      hint?: string | null,
      /** See `isFromFurtherIn`. Who does not know of that repeats. */
      isFromFurtherIn?: boolean,
    ]
  | readonly [id: number, kind: 3, text: string]

/** The message of an output, in the form in which it is wanted. */
export function replyOfOutput(id: number, output: unknown, wantsJson: boolean): ReplyMessage {
  if (output instanceof JsonText) return [id, 3, output.text]
  if (!wantsJson || output === undefined) return [id, 0, output]
  try {
    return [id, 3, JSON.stringify(output)]
  } catch (error) {
    return replyOfUnsendable(id, error)
  }
}

/** The message in place of one that cannot be encoded. */
export function replyOfUnsendable(id: number, error: unknown): ReplyMessage {
  return replyOfError(id, new Fault("INVALID_OUTPUT", `The reply cannot be sent: ${String(error)}.`))
}

/** The message of what a call was rejected with: a `Refusal` or a `Fault`. */
export function replyOfError(id: number, error: unknown): ReplyMessage {
  if (isRefusal(error)) return [id, 1, error.code, error.details]
  if (isFault(error)) return replyOfFault(id, error)
  return [id, 2, "INTERNAL", "The call failed.", null, []]
}

function replyOfFault(id: number, fault: Fault): ReplyMessage {
  const { code, message, retryAfterMs, issues } = fault
  const told = [id, 2, code, message, retryAfterMs ?? null, issues] as const
  const hint = fault.hint === faultCodes[code]?.hint ? null : fault.hint
  if (isFromFurtherIn(fault)) return [...told, hint, true]
  return hint === null ? told : [...told, hint]
}

/** The error that a reply carries. A code from a newer version than this one is `INTERNAL`. */
export function errorOfReply(reply: ReplyMessage, contract: string, operation: string): Refusal | Fault {
  if (reply[1] === 1) return new Refusal(contract, operation, reply[2], reply[3])
  if (reply[1] === 0 || reply[1] === 3) return new Fault("INTERNAL", "An output is not an error.")
  const [, , code, message, retryAfterMs, issues, hint, wasFurtherIn] = reply
  const options = { issues, retryAfterMs: retryAfterMs ?? undefined, hint: typeof hint === "string" ? hint : undefined }
  if (!isFaultCode(code)) return new Fault("INTERNAL", `${code}: ${message}`, options)
  const fault = new Fault(code, message, options)
  if (isDefect(fault)) return asTold(fault)
  return wasFurtherIn === true ? asFromFurtherIn(fault) : fault
}

function isFaultCode(code: string): code is FaultCode {
  return Object.hasOwn(faultCodes, code)
}
