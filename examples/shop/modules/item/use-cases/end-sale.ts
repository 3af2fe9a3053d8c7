import { subjectOf } from "../../../kernel/subject.ts"
import type { ItemHandler } from "../ports.ts"
import { variantsOf } from "../variants.ts"

export const endSale: ItemHandler<"endSale"> =
  ({ store }) =>
  async ({ itemId }, context) => {
    const sellerId = subjectOf(context)
    return store.transaction(context, async (tx) => {
      const item = await tx.lockItem(itemId)
      if (item?.sellerId !== sellerId) throw context.refusal("ITEM_NOT_FOUND", {})
      await tx.setState(itemId, "ENDED")
      return { ...item, state: "ENDED" as const, variants: variantsOf(item) }
    })
  }
