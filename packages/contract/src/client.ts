import type { CallInput, CallOutput, Contract, OperationName } from "./contract.ts"
import type { Context } from "./context.ts"

/** Per-call settings of the caller. */
export interface CallOptions {
  /** Shortens the deadline of this call, in milliseconds from now; it never lengthens it. */
  readonly timeoutMs?: number
  /** For a command: repetitions with the same key are applied once. Derived from the caller's own key when not given. */
  readonly idempotencyKey?: string
}

/**
 * The port to a contract: one function for each query and command.
 * Each rejects with a `Refusal` (see `refusalOf`) or a `Fault` (see `isFault`), the same whether the callee is in this process or another.
 */
export type Client<C extends Contract> = {
  readonly [Op in OperationName<C>]: (
    input: CallInput<C["declarations"][Op]>,
    context: Context,
    options?: CallOptions,
  ) => Promise<CallOutput<C["declarations"][Op]>>
}
