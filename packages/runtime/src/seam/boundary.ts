import { Fault, isFault, isRefusal, Refusal } from "@hanok/contract"
import type { FaultCode, Issue, Operation } from "@hanok/contract"
import { createParser, mostIssues } from "../parse/index.ts"
import type { Parse } from "../parse/index.ts"
import { asFromFurtherIn, isFromFurtherIn } from "../resilience/retry-rule.ts"

/** What happens at the border of one operation: values are parsed in and out, errors become what the contract declares. */
export interface Boundary {
  readonly contract: string
  readonly operation: string
  readonly declaration: Operation
  /** Throws `INVALID_INPUT`. */
  readonly parseInput: Parse
  /** Throws `INVALID_OUTPUT`. */
  readonly parseOutput: Parse
  /** The `Refusal` or `Fault` that the caller sees for what the handler threw. */
  errorOut(error: unknown): Refusal | Fault
}

/** Faults of what a handler itself called that say the same thing to the handler's caller. */
const passing: ReadonlySet<FaultCode> = new Set([
  "CANCELLED",
  "DEADLINE_EXCEEDED",
  "UNAVAILABLE",
  "OVERLOADED",
  "IN_PROGRESS",
  "FORBIDDEN",
  "INCOMPATIBLE_CONTRACT",
])

export function createBoundary(contract: string, operation: string, declaration: Operation): Boundary {
  const name = `${contract}.${operation}`
  const invalidInput = (issues: readonly Issue[]) =>
    new Fault("INVALID_INPUT", `The input of ${name} is not valid: ${issuesText(issues)}.`, { issues })
  const invalidOutput = (issues: readonly Issue[]) =>
    new Fault("INVALID_OUTPUT", `${name} returned what its contract does not declare: ${issuesText(issues)}.`, { issues })
  const invalidRefusal = (code: string) => (issues: readonly Issue[]) =>
    new Fault(
      "INVALID_OUTPUT",
      `${name} refused with ${code}, but its details are not what the contract declares: ${issuesText(issues)}.`,
      {
        issues,
      },
    )
  const refusals = new Map(
    Object.entries(declaration.refusals).map(([code, { schema }]) => [code, createParser(schema, invalidRefusal(code))]),
  )
  return {
    contract,
    operation,
    declaration,
    parseInput: createParser(declaration.input, invalidInput),
    parseOutput: createParser(declaration.output, invalidOutput),
    errorOut: (error) => (isRefusal(error) ? refusalOut(contract, operation, refusals, error) : faultOut(name, error)),
  }
}

function refusalOut(contract: string, operation: string, refusals: ReadonlyMap<string, Parse>, error: Refusal): Refusal | Fault {
  const name = `${contract}.${operation}`
  const parse = error.contract === contract && error.operation === operation ? refusals.get(error.code) : undefined
  if (!parse)
    return new Fault(
      "INTERNAL",
      `${name} failed: it let the refusal ${error.code} of ${error.contract}.${error.operation} through, which its contract does not declare.`,
    )
  try {
    return new Refusal(contract, operation, error.code, parse(error.details))
  } catch (fault) {
    return isFault(fault) ? fault : new Fault("INTERNAL", `${name} failed.`)
  }
}

// The callee's own error stays in the callee's log and spans: no message, stack or cause of it crosses the seam.
function faultOut(name: string, error: unknown): Fault {
  if (!isFault(error)) return new Fault("INTERNAL", `${name} failed.`)
  if (!passing.has(error.code)) return new Fault("INTERNAL", `${name} failed.`)
  const fault = new Fault(error.code, error.message, { retryAfterMs: error.retryAfterMs })
  return isFromFurtherIn(error) ? asFromFurtherIn(fault) : fault
}

/** Which fields do not fit, and why, for a message. */
export function issuesText(issues: readonly Issue[]): string {
  const shown = issues.slice(0, 5).map((issue) => `${issue.field || "the whole"}: ${issue.message}`)
  if (issues.length <= 5) return shown.join("; ")
  return `${shown.join("; ")}; and ${issues.length < mostIssues ? `${issues.length - 5} more` : "many more"}`
}
