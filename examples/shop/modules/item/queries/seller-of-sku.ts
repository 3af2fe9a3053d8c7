import type { ItemHandler } from "../ports.ts"
import { variantsOf } from "../variants.ts"

export const sellerOfSku: ItemHandler<"sellerOfSku"> =
  ({ store }) =>
  async ({ sku }, context) => {
    const [itemId = ""] = sku.split(".")
    const item = await store.read(context).item(itemId)
    if (!item || !variantsOf(item).some((variant) => variant.sku === sku)) throw context.refusal("ITEM_NOT_FOUND", {})
    return item
  }
