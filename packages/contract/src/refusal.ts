import type { Contract, OperationName, RefusalsOf } from "./contract.ts"
import type { RefusalDeclarations } from "./operation.ts"
import type { OutputOf } from "./schema.ts"

/**
 * A business "no", declared in the contract. Matched by `code`, never by class:
 * the same code and details arrive whether the callee was in this process or another.
 */
export class Refusal extends Error {
  override readonly name = "Refusal"
  readonly contract: string
  readonly operation: string
  readonly code: string
  readonly details: unknown

  constructor(contract: string, operation: string, code: string, details: unknown) {
    super(`${contract}.${operation} refused: ${code}`)
    this.contract = contract
    this.operation = operation
    this.code = code
    this.details = details
  }
}

/** The refusals of an operation as a union discriminated by `code`. */
export type RefusalUnion<R extends RefusalDeclarations> = {
  [Code in keyof R & string]: { readonly code: Code; readonly details: OutputOf<R[Code]["schema"]> }
}[keyof R & string]

/**
 * The refusal of that operation which `error` is, typed by its code; `undefined` when it is anything else.
 * @example
 * const refused = refusalOf(giftContract, "claimGift", error)
 * if (refused?.code === "GIFT_EXPIRED") return refused.details.expiredAt
 */
export function refusalOf<C extends Contract, Op extends OperationName<C>>(
  contract: C,
  operation: Op,
  error: unknown,
): RefusalUnion<RefusalsOf<C["declarations"][Op]>> | undefined {
  if (!isRefusal(error) || error.contract !== contract.name || error.operation !== operation) return undefined
  return error as unknown as RefusalUnion<RefusalsOf<C["declarations"][Op]>>
}

/** Never throws, as `isFault`. */
export function isRefusal(error: unknown): error is Refusal {
  try {
    return error instanceof Error && error.name === "Refusal" && "code" in error
  } catch {
    return false
  }
}
