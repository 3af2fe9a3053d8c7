import { refusalOf } from "@hanok/contract"
import type { Context } from "@hanok/contract"
import { hasRole, subjectOf } from "../../kernel/subject.ts"
import { itemContract } from "../item/contract.ts"
import type { InventoryPorts } from "./ports.ts"

/** Whether the stock-keeping unit exists and is the caller's business: one of their own, or any for an admin. */
export async function isOwnSku({ item }: InventoryPorts, sku: string, context: Context): Promise<boolean> {
  try {
    const { sellerId } = await item.sellerOfSku({ sku }, context)
    return sellerId === subjectOf(context) || hasRole(context, "admin")
  } catch (error) {
    if (refusalOf(itemContract, "sellerOfSku", error)) return false
    throw error
  }
}
