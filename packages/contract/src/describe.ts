import { eventsOf, operationsOf } from "./contract.ts"
import type { Contract } from "./contract.ts"
import type { Event, Operation } from "./operation.ts"
import { jsonSchemaOf } from "./schema.ts"
import type { JsonSchema } from "./schema.ts"

/** What crosses the seam of an operation, as plain JSON. */
export interface OperationDescription {
  readonly kind: "query" | "command"
  /** What a caller may send. */
  readonly input: JsonSchema
  /** What a caller gets. */
  readonly output: JsonSchema
  /** The schema of the details, by code. */
  readonly refusals: Readonly<Record<string, JsonSchema>>
}

export interface EventDescription {
  /** What an emitter sends. */
  readonly payload: JsonSchema
  /** What a subscriber takes, which parses it again; a process with an older Hanok does not say so. */
  readonly taken?: JsonSchema
}

/** A contract as plain JSON: what two versions of it are compared by. Names in alphabetical order. */
export interface ContractDescription {
  readonly name: string
  readonly operations: Readonly<Record<string, OperationDescription>>
  readonly events: Readonly<Record<string, EventDescription>>
}

/** Throws what the schema library throws when a schema has no JSON form. */
export function describeContract(contract: Contract): ContractDescription {
  return {
    name: contract.name,
    operations: sorted(operationsOf(contract).map(([name, operation]) => [name, describeOperation(operation)])),
    events: sorted(eventsOf(contract).map(([name, event]) => [name, describeEvent(event)])),
  }
}

function describeOperation(operation: Operation): OperationDescription {
  return {
    kind: operation.kind,
    input: jsonSchemaOf(operation.input, "input"),
    output: jsonSchemaOf(operation.output, "output"),
    refusals: sorted(Object.entries(operation.refusals).map(([code, { schema }]) => [code, jsonSchemaOf(schema, "output")])),
  }
}

function describeEvent(event: Event): EventDescription {
  return { payload: jsonSchemaOf(event.payload, "output"), taken: jsonSchemaOf(event.payload, "input") }
}

function sorted<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
