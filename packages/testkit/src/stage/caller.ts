import type { CallInput, CallOutput, Contract, Identity, OperationName } from "@hanok/contract"

/** How a test calls: everything that a call carries besides its input, and all of it optional. */
export interface TestCall {
  /** For whom the call is made; nobody when not given. */
  readonly identity?: Identity
  /** For a command: repetitions with the same key are applied once. */
  readonly idempotencyKey?: string
  /** Shortens the operation's own deadline, in milliseconds. */
  readonly timeoutMs?: number
  /** Aborting it cancels the call. */
  readonly signal?: AbortSignal
  /** The W3C `traceparent` of the span that calls; a new trace when not given. */
  readonly traceparent?: string
}

/**
 * A contract's queries and commands, called without a context at hand. Each rejects like a port of a module: with a
 * `Refusal` or a `Fault`. A fault that hides its cause from callers has it as `cause`, from the log of the module that failed.
 */
export type Caller<C extends Contract> = {
  readonly [Op in OperationName<C>]: (
    input: CallInput<C["declarations"][Op]>,
    call?: TestCall,
  ) => Promise<CallOutput<C["declarations"][Op]>>
}
