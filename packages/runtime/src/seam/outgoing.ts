import { canonicalJson, Fault, jsonSchemaOf } from "@hanok/contract"
import type { Issue, JsonSchema, Operation } from "@hanok/contract"
import { copySendable, createPlainParser } from "../parse/index.ts"
import { createBoundary } from "./boundary.ts"
import type { Boundary } from "./boundary.ts"

/**
 * What of an input is sent to another process: what the operation declares, and only if JSON can carry it. So the callee's
 * schema meets the same value as in one process, not what an encoding makes of a `Set` or of a field that is nobody's business.
 */
export type Outgoing = (input: unknown) => unknown

/** The function throws the `INVALID_INPUT` that the callee's schema has for an input that is not JSON, unless it makes JSON of it. */
export function createOutgoing(contract: string, name: string, operation: Operation): Outgoing {
  let declared: JsonSchema | undefined
  let boundary: Boundary | undefined
  const parse = createPlainParser(operation.input)
  return (input) => {
    const parsed = parse?.(input)
    if (parsed !== undefined) return parsed
    declared ??= jsonSchemaOf(operation.input, "input")
    try {
      return copySendable(input, declared, notJson)
    } catch {
      boundary ??= createBoundary(contract, name, operation)
      // The schema makes JSON of it, of an object of a class say, which would not be one any more where it arrives.
      return boundary.parseInput(input)
    }
  }
}

/**
 * What of an input its sender has said, for telling a repetition from another input: no default and nothing else that this version of
 * the schema makes of it, which another version may not. What comes from another process is what its caller declares.
 */
export type Sent = (input: unknown, parsed: unknown, isFromElsewhere: boolean) => string

export function createSent(operation: Operation): Sent {
  const isPlain = createPlainParser(operation.input) !== undefined
  let declared: JsonSchema | undefined
  return (input, parsed, isFromElsewhere) => {
    try {
      if (isFromElsewhere) return canonicalJson(input)
      // What such a schema lets through is what was sent, and has been copied already.
      if (isPlain) return canonicalJson(parsed)
      declared ??= jsonSchemaOf(operation.input, "input")
      return canonicalJson(copySendable(input, declared, notJson))
    } catch {
      // The schema makes JSON of it, whatever it is.
      return canonicalJson(parsed)
    }
  }
}

function notJson(issues: readonly Issue[]): Fault {
  return new Fault("INVALID_INPUT", "The input is not JSON.", { issues })
}
