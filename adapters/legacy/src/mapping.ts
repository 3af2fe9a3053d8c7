import type {
  Contract,
  HandlerInput,
  HandlerOutput,
  HttpRoute,
  InputOf,
  OperationName,
  RefusalDeclarations,
  RefusalsOf,
} from "@hanok/contract"
import type { Reply } from "./reply.ts"

/** A value as a query string, a form or a path can carry it; `undefined` is left out. */
export type Plain = string | number | boolean | undefined

/** Values by the old system's names; a list stands there once for each of its items. */
export type Fields = Readonly<Record<string, Plain | readonly Plain[]>>

interface RequestMapping<Input> {
  /** Method and path below the base URL, and what is always in its query; names in braces are taken from `path`. */
  readonly request: HttpRoute
  readonly path?: (input: Input) => Readonly<Record<string, string | number>>
  readonly query?: (input: Input) => Fields
  /** The body as `application/x-www-form-urlencoded`. Not together with `json`. */
  readonly form?: (input: Input) => Fields
  /** The body as JSON. */
  readonly json?: (input: Input) => unknown
  readonly headers?: (input: Input) => Readonly<Record<string, string>>
}

type RefusalMappings<R extends RefusalDeclarations> = { readonly [Code in keyof R & string]: Reply<InputOf<R[Code]["schema"]>> }

/** How one operation of a contract is said in the old system's terms, and its replies in the contract's. */
export type OperationMapping<Input, Output, R extends RefusalDeclarations> = RequestMapping<Input> & {
  readonly output: Reply<Output>
} & (DeclaresNone<R> extends true
    ? { readonly refusals?: {} }
    : {
        /** Tried first, in this order: the first that fits is the refusal. */
        readonly refusals: RefusalMappings<R>
      })

// An operation that declares no refusals has either no codes or, by inference, every text as a code.
type DeclaresNone<R extends RefusalDeclarations> = string extends keyof R ? true : keyof R extends never ? true : false

/** A mapping for each query and command of the contract. */
export type OperationMappings<C extends Contract> = {
  readonly [Op in OperationName<C>]: OperationMapping<
    HandlerInput<C["declarations"][Op]>,
    HandlerOutput<C["declarations"][Op]>,
    RefusalsOf<C["declarations"][Op]>
  >
}

/** A mapping whatever its operation. The input it gets has been parsed by that operation's schema. */
export interface AnyMapping extends RequestMapping<never> {
  readonly output: Reply<unknown>
  readonly refusals?: Readonly<Record<string, Reply<unknown>>>
}
