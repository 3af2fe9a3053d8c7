import { Fault, isFault, problemMediaType, problemOf } from "@hanok/contract"
import type { FaultCode, Operation, Problem, Refusal } from "@hanok/contract"
import { HttpProblem } from "./http-problem.ts"

/** A problem document (RFC 9457) as it goes out. */
export interface ProblemReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * The answer that tells of an error. It says what the error's message says, which never tells of the callee's insides,
 * and carries the trace id, by which logs and spans are found.
 */
export function problemReply(error: Refusal | Fault | HttpProblem, operation: Operation | undefined, traceId: string): ProblemReply {
  const problem = error instanceof HttpProblem ? httpProblemOf(error, traceId) : problemOf(error, traceId, operation?.refusals)
  const more = error instanceof HttpProblem ? error.headers : isFault(error) ? headersOf(error) : {}
  return { status: problem.status, headers: { ...more, "content-type": problemMediaType }, body: JSON.stringify(problem) }
}

/** In place of what names databases, replicas and other systems, with where they are, and fields of contracts that no route shows. */
const outsideTexts: Readonly<Partial<Record<FaultCode, string>>> = {
  UNAVAILABLE: "What this needs cannot be reached at present.",
  OVERLOADED: "What this needs has more work than it can take at present.",
  DEADLINE_EXCEEDED: "There was not enough time for this; what was begun may still complete.",
  INCOMPATIBLE_CONTRACT: "What this needs is of a version that does not fit at present.",
}

const outsideHints: Readonly<Partial<Record<FaultCode, string>>> = {
  INCOMPATIBLE_CONTRACT: "Repeat later; whoever runs the service finds what does not fit by the trace id.",
}

/** What a client is told of a call's fault. Spans have it as it was. */
export function outsideOf(fault: Fault): Fault {
  const text = outsideTexts[fault.code]
  if (text === undefined) return fault
  return new Fault(fault.code, text, { retryAfterMs: fault.retryAfterMs, hint: outsideHints[fault.code] })
}

function httpProblemOf({ code, status, message, hint, retryAfterMs }: HttpProblem, traceId: string): Problem {
  const waiting = retryAfterMs === undefined ? {} : { retryable: true, retryAfterMs }
  return { type: "about:blank", title: code, status, detail: message, code, traceId, hint, ...waiting }
}

function headersOf(fault: Fault): Readonly<Record<string, string>> {
  if (fault.code === "UNAUTHENTICATED") return { "www-authenticate": challengeOf(fault) }
  if (fault.code !== "OVERLOADED" && fault.code !== "UNAVAILABLE" && fault.code !== "IN_PROGRESS") return {}
  return { "retry-after": String(Math.max(1, Math.ceil((fault.retryAfterMs ?? 0) / 1000))) }
}

// RFC 6750, section 3: a request without a token is told no error, only what to bring.
function challengeOf(fault: Fault): string {
  return fault.message.startsWith("The token") ? 'Bearer realm="hanok", error="invalid_token"' : 'Bearer realm="hanok"'
}
