import type { HttpTarget } from "./client-http.ts"
import { Fault, faultCodes, isFault } from "./fault.ts"
import type { FaultCode } from "./fault.ts"
import { errorOf } from "./problem.ts"
import type { Problem } from "./problem.ts"
import { isRefusal, Refusal } from "./refusal.ts"

/** The error that an answer other than a success tells of. */
export async function failureOf(response: Response, target: HttpTarget): Promise<Refusal | Fault> {
  const problem = problemIn(await response.text())
  if (problem === undefined) return faultOfStatus(response, `${nameOf(target)} was answered with status ${response.status}.`)
  if (Object.hasOwn(faultCodes, problem.code)) return errorOf(problem, target.contract, target.name)
  // The gateway has codes of its own, for requests that did not become a call. A refusal may have the same (`NOT_FOUND`), but no hint.
  if (Object.hasOwn(target.operation.refusals, problem.code) && problem.hint === undefined)
    return new Refusal(target.contract, target.name, problem.code, problem.details)
  return faultOfStatus(response, problem.detail, problem)
}

/** The error for a call that got no answer, or one that could not be read to its end. */
export function unansweredOf(error: unknown, target: HttpTarget, timeout: AbortSignal, signal: AbortSignal | undefined): Refusal | Fault {
  if (isFault(error) || isRefusal(error)) return error
  const name = nameOf(target)
  if (signal?.aborted) return new Fault("CANCELLED", `${name} was given up by the caller.`, { cause: error })
  if (timeout.aborted) return new Fault("DEADLINE_EXCEEDED", `${name} was not answered in time.`, { cause: error })
  if (error instanceof SyntaxError) return new Fault("INTERNAL", `${name} was answered with something that is not JSON.`, { cause: error })
  return new Fault("UNAVAILABLE", `${name} could not be reached, or the connection broke.`, { cause: error })
}

function faultOfStatus({ status, headers }: Response, message: string, problem?: Problem): Fault {
  const retryAfterS = Number(headers.get("retry-after") ?? Number.NaN)
  const retryAfterMs = problem?.retryAfterMs ?? (Number.isFinite(retryAfterS) ? retryAfterS * 1000 : undefined)
  return new Fault(codeOfStatus(status), message, { hint: problem?.hint, retryAfterMs })
}

function codeOfStatus(status: number): FaultCode {
  if (status === 401) return "UNAUTHENTICATED"
  if (status === 403) return "FORBIDDEN"
  if (status === 404 || status === 405) return "UNKNOWN_OPERATION"
  if (status === 408 || status === 504) return "DEADLINE_EXCEEDED"
  if (status === 429) return "OVERLOADED"
  if (status === 502 || status === 503) return "UNAVAILABLE"
  return status < 500 ? "INVALID_INPUT" : "INTERNAL"
}

function problemIn(text: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isProblem = typeof value === "object" && value !== null && "code" in value && typeof value.code === "string" && "detail" in value
    return isProblem ? (value as Problem) : undefined
  } catch {
    return undefined
  }
}

function nameOf({ contract, name }: HttpTarget): string {
  return `${contract}.${name}`
}
