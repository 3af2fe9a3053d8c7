import { callSite } from "./call-site.ts"
import type { Command, Declaration, Event, Operation, Query, RefusalDeclarations } from "./operation.ts"
import type { InputOf, OutputOf, Schema } from "./schema.ts"

export type Declarations = Readonly<Record<string, Declaration>>

/** A module's importable face: all that others may know about it. */
export interface Contract<Name extends string = string, D extends Declarations = Declarations> {
  readonly kind: "contract"
  readonly name: Name
  readonly declarations: D
  readonly definedAt: string | undefined
}

/**
 * Declares a contract. `name` is the module's name, in lower case with dashes; not `gateway`, which calls from outside have.
 * @example
 * const giftContract = defineContract("gift", { giftsOfOrder: query({ ... }), giftClaimed: event(...) })
 */
export function defineContract<const Name extends string, D extends Declarations>(name: Name, declarations: D): Contract<Name, D> {
  return { kind: "contract", name, declarations, definedAt: callSite() }
}

/** The names of a contract's queries and commands. */
export type OperationName<C extends Contract> = {
  [K in keyof C["declarations"] & string]: C["declarations"][K] extends Operation ? K : never
}[keyof C["declarations"] & string]

/** The names of a contract's events. */
export type EventName<C extends Contract> = {
  [K in keyof C["declarations"] & string]: C["declarations"][K] extends Event ? K : never
}[keyof C["declarations"] & string]

/** What a caller passes to an operation. */
export type CallInput<Op> = Op extends { readonly input: infer I extends Schema } ? InputOf<I> : never
/** What an operation's caller gets. */
export type CallOutput<Op> = Op extends { readonly output: infer O extends Schema } ? OutputOf<O> : never
/** What an operation's handler gets. */
export type HandlerInput<Op> = Op extends { readonly input: infer I extends Schema } ? OutputOf<I> : never
/** What an operation's handler returns. */
export type HandlerOutput<Op> = Op extends { readonly output: infer O extends Schema } ? InputOf<O> : never
/** An operation's declared refusals. */
export type RefusalsOf<Op> = Op extends Query<Schema, Schema, infer R> | Command<Schema, Schema, infer R> ? R : RefusalDeclarations
/** What the emitter of an event passes. */
export type EventInput<E> = E extends Event<infer S> ? InputOf<S> : never
/** What a reaction to an event gets. */
export type EventPayload<E> = E extends Event<infer S> ? OutputOf<S> : never

/** A contract's queries and commands, with their names. */
export function operationsOf(contract: Contract): readonly (readonly [string, Operation])[] {
  return Object.entries(contract.declarations).filter((entry): entry is [string, Operation] => entry[1].kind !== "event")
}

/** A contract's events, with their names. */
export function eventsOf(contract: Contract): readonly (readonly [string, Event])[] {
  return Object.entries(contract.declarations).filter((entry): entry is [string, Event] => entry[1].kind === "event")
}
