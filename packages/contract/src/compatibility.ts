import type { ContractDescription, OperationDescription } from "./describe.ts"
import { schemaTroubles } from "./schema-compatibility.ts"

/** One place where two versions of a contract do not fit. */
export interface Incompatibility {
  /** The operation's or event's name. */
  readonly operation: string
  /** JSON Pointer that begins with `input`, `output`, `payload` or a refusal's code; empty for the whole operation. */
  readonly field: string
  readonly problem: string
}

/**
 * Why a caller that was built against one version of a contract cannot call a callee that runs another: empty when it can.
 * New operations, refusals, optional inputs and outputs fit; so do narrower limits (lengths, ranges, patterns), which can
 * refuse some values but leave the shape.
 */
export function callIncompatibilities(caller: ContractDescription, callee: ContractDescription): readonly Incompatibility[] {
  return Object.entries(caller.operations).flatMap(([operation, mine]) => {
    const theirs = callee.operations[operation]
    if (!theirs) return [{ operation, field: "", problem: "the callee does not have it" }]
    if (theirs.kind !== mine.kind)
      return [{ operation, field: "", problem: `it is a ${mine.kind} for the caller and a ${theirs.kind} for the callee` }]
    return operationTroubles(operation, mine, theirs)
  })
}

/** Why a subscriber that was built against one version of a contract cannot be told the events of an emitter that runs another. */
export function eventIncompatibilities(subscriber: ContractDescription, emitter: ContractDescription): readonly Incompatibility[] {
  return Object.entries(subscriber.events).flatMap(([operation, mine]) => {
    const theirs = emitter.events[operation]
    if (!theirs) return []
    const to = mine.taken ?? mine.payload
    // A payload as it comes out forbids other fields, also where they are passed over when it goes in.
    return named(operation, schemaTroubles({ from: theirs.payload, to, at: "payload", extrasRefused: mine.taken !== undefined }))
  })
}

function operationTroubles(operation: string, caller: OperationDescription, callee: OperationDescription): readonly Incompatibility[] {
  const input = schemaTroubles({ from: caller.input, to: callee.input, at: "input", extrasRefused: true })
  const output = schemaTroubles({ from: callee.output, to: caller.output, at: "output", extrasRefused: false })
  const refusals = Object.entries(caller.refusals).flatMap(([code, mine]) => {
    const theirs = callee.refusals[code]
    return theirs ? schemaTroubles({ from: theirs, to: mine, at: code, extrasRefused: false }) : []
  })
  return named(operation, [...input, ...output, ...refusals])
}

function named(operation: string, troubles: readonly { field: string; problem: string }[]): readonly Incompatibility[] {
  return troubles.map(({ field, problem }) => ({ operation, field, problem }))
}
