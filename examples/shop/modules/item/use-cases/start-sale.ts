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
    const started = await ports.store.transaction(context, async (tx) => {
      const item = await tx.lockItem(itemId)
      if (item?.sellerId !== sellerId) throw context.refusal("ITEM_NOT_FOUND", {})
      await tx.setState(itemId, "ON_SALE")
      return { ...item, state: "ON_SALE" as const, variants: variantsOf(item) }
    })
    if (await sellingPartner(ports, sellerId, context)) return started
    // It was disabled meanwhile, and its sales may have ended before this one started.
    await ports.store.transaction(context, (tx) => tx.setState(itemId, "ENDED"))
    throw context.refusal("PARTNER_NOT_ENABLED", {})
  }
