import { timeOf } from "../../../kernel/clock.ts"
import { subjectOf } from "../../../kernel/subject.ts"
import type { ItemHandler } from "../ports.ts"
import { sellingPartner } from "../seller.ts"
import type { StoredItem } from "../store.ts"
import { countVariants, mostVariants, variantsOf, withOptionIds } from "../variants.ts"

export const createItem: ItemHandler<"createItem"> = (ports) => async (input, context) => {
  const sellerId = subjectOf(context)
  const variants = countVariants(input.optionGroups)
  if (variants > mostVariants) throw context.refusal("TOO_MANY_VARIANTS", { variants, most: mostVariants })
  const partner = await sellingPartner(ports, sellerId, context)
  if (!partner) throw context.refusal("PARTNER_NOT_ENABLED", {})
  const own = { itemId: context.newId(), partnerId: partner.partnerId, sellerId, createdAt: timeOf(ports.clock) }
  const item: StoredItem = { ...input, ...own, optionGroups: withOptionIds(input.optionGroups), state: "DRAFT" }
  await ports.store.transaction(context, (tx) => tx.insertItem(item))
  return { ...item, variants: variantsOf(item) }
}
