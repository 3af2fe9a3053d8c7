import type { CallInput, CallOutput, Contract, Identity, OperationName } from "@hanok/contract"

/** For whom a call is made, and under which key it is applied once. */
export interface SeedCall {
  readonly identity?: Identity
  readonly idempotencyKey?: string
}

/** A way to call the operations of any contract of the shop that has a route. */
export type SeedClient = <C extends Contract>(
  contract: C,
) => {
  readonly [Op in OperationName<C>]: (
    input: CallInput<C["declarations"][Op]>,
    call?: SeedCall,
  ) => Promise<CallOutput<C["declarations"][Op]>>
}
