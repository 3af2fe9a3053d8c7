import { subjectOf } from "../../../kernel/subject.ts"
import type { ItemHandler } from "../ports.ts"
import { sellingPartner } from "../seller.ts"
import { variantsOf } from "../variants.ts"

export const startSale: ItemHandler<"startSale"> =
  (ports) =>
  async ({ itemId }, context) => {
    const sellerId = subjectOf(context)
    const partner = await sellingPartner(ports, sellerId, context)
    if (!partner) throw context.refusal("PARTNER_NOT_ENABLED", {})
    return ports.store.transaction(context, async (tx) => {
      const item = await tx.lockItem(itemId)
      if (item?.sellerId !== sellerId) throw context.refusal("ITEM_NOT_FOUND", {})
      await tx.setState(itemId, "ON_SALE")
      return { ...item, state: "ON_SALE" as const, variants: variantsOf(item) }
    })
  }
