import type { Reaction } from "@hanok/contract"
import type { partnerContract } from "../../partner/contract.ts"
import type { Role } from "../contract.ts"
import type { CustomerPorts } from "../ports.ts"

/** Owners of an enabled partner may act as partners, from their next sign-in on. */
export const grantPartnerRole =
  ({ store }: CustomerPorts): Reaction<typeof partnerContract, "partnerEnabled"> =>
  ({ ownerId }, context) =>
    store.transaction(context, async (tx) => {
      const account = await tx.lockAccount(ownerId)
      if (account) await tx.setRoles(ownerId, [...without(account.roles), "partner"])
    })

export const revokePartnerRole =
  ({ store }: CustomerPorts): Reaction<typeof partnerContract, "partnerDisabled"> =>
  ({ ownerId }, context) =>
    store.transaction(context, async (tx) => {
      const account = await tx.lockAccount(ownerId)
      if (account) await tx.setRoles(ownerId, without(account.roles))
    })

function without(roles: readonly Role[]): readonly Role[] {
  return roles.filter((role) => role !== "partner")
}
