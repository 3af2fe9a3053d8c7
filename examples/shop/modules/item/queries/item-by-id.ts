import type { ItemHandler } from "../ports.ts"
import { variantsOf } from "../variants.ts"

/** Drafts are seen by their sellers only. */
export const itemById: ItemHandler<"itemById"> =
  ({ store }) =>
  async ({ itemId }, context) => {
    const item = await store.read(context).item(itemId)
    const isHidden = item?.state === "DRAFT" && item.sellerId !== context.identity?.subject
    if (!item || isHidden) throw context.refusal("ITEM_NOT_FOUND", {})
    return { ...item, variants: variantsOf(item) }
  }
