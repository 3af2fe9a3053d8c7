import { refusalOf } from "@hanok/contract"
import type { Context } from "@hanok/contract"
import { partnerContract } from "../partner/contract.ts"
import type { Partner } from "../partner/contract.ts"
import type { ItemPorts } from "./ports.ts"

/** The partner for which that person sells; `undefined` when there is none that may. */
export async function sellingPartner({ partner }: ItemPorts, ownerId: string, context: Context): Promise<Partner | undefined> {
  try {
    const found = await partner.partnerOfOwner({ ownerId }, context)
    return found.state === "ENABLED" ? found : undefined
  } catch (error) {
    if (refusalOf(partnerContract, "partnerOfOwner", error)) return undefined
    throw error
  }
}
