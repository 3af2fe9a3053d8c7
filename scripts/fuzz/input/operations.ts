import { describeContract, httpBindingOf, operationsOf } from "@hanok/contract"
import type { HttpBinding, JsonSchema } from "@hanok/contract"
import { modulesInMemory } from "../../../examples/shop/modules.memory.ts"

/** An operation that can be called, as far as an attacker knows it. */
export interface Target {
  readonly contract: string
  readonly operation: string
  readonly isCommand: boolean
  readonly input: JsonSchema
  /** Undefined when it has no route at the gateway. */
  readonly binding: HttpBinding | undefined
  /** Whether it asks for a token. */
  readonly isProtected: boolean
  /** Of which the token has to name one; any token will do when there are none. */
  readonly roles: readonly string[]
  /** How often it is chosen: what hashes passwords takes long, by intention. */
  readonly weight: number
}

/** All operations of the shop. */
export const targets: readonly Target[] = modulesInMemory.flatMap(({ contract }) => {
  const described = describeContract(contract).operations
  return operationsOf(contract).map(([operation, declaration]) => ({
    contract: contract.name,
    operation,
    isCommand: declaration.kind === "command",
    input: described[operation]?.input ?? {},
    binding: httpBindingOf(declaration),
    isProtected: declaration.access !== "public",
    roles: typeof declaration.access === "object" ? declaration.access.anyOf : [],
    weight: JSON.stringify(described[operation]?.input).includes('"password"') ? 0.02 : 1,
  }))
})

/** Those that can be reached through the gateway. */
export const routedTargets = targets.filter(({ binding }) => binding !== undefined)
