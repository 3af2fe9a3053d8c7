import { Fault, faultCodes, isFault } from "./fault.ts"
import type { FaultCode, Issue } from "./fault.ts"
import type { RefusalDeclarations } from "./operation.ts"
import { isRefusal, Refusal } from "./refusal.ts"

export const problemMediaType = "application/problem+json"

/** An error as it crosses HTTP: RFC 9457, with extension members of which `code` is the one to match. */
export interface Problem {
  readonly type: "about:blank"
  readonly title: string
  readonly status: number
  readonly detail: string
  /** A refusal's or a fault's code. */
  readonly code: string
  /** Of the trace in which it happened. */
  readonly traceId: string
  /** What to do about a fault; a refusal has none. */
  readonly hint?: string
  /** Whether it is worth repeating (a command: with its idempotency key). */
  readonly retryable?: boolean
  readonly retryAfterMs?: number
  /** The fields that do not fit. */
  readonly errors?: readonly Issue[]
  /** A refusal's declared details. */
  readonly details?: unknown
}

/** The problem document of an error. Of anything that is neither a `Refusal` nor a `Fault` it tells nothing but that it happened. */
export function problemOf(error: unknown, traceId: string, refusals: RefusalDeclarations = {}): Problem {
  if (isRefusal(error)) {
    const status = refusals[error.code]?.status ?? 409
    return { type: "about:blank", title: error.code, status, detail: error.message, code: error.code, traceId, details: error.details }
  }
  const fault = isFault(error) ? error : new Fault("INTERNAL", "Something went wrong.")
  return {
    type: "about:blank",
    title: fault.code,
    status: faultCodes[fault.code].status,
    detail: fault.message,
    code: fault.code,
    traceId,
    hint: fault.hint,
    retryable: fault.retryable,
    ...(fault.retryAfterMs === undefined ? {} : { retryAfterMs: fault.retryAfterMs }),
    ...(fault.issues.length === 0 ? {} : { errors: fault.issues }),
  }
}

/** The error that a problem document of that operation tells of. */
export function errorOf(problem: Problem, contract: string, operation: string): Refusal | Fault {
  if (!(problem.code in faultCodes)) return new Refusal(contract, operation, problem.code, problem.details)
  const { errors: issues, hint, retryAfterMs } = problem
  return new Fault(problem.code as FaultCode, problem.detail, { issues, hint, retryAfterMs })
}
