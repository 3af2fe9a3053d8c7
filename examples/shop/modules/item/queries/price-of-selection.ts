import type { Context } from "@hanok/contract"
import type { ItemHandler, ItemPorts } from "../ports.ts"
import type { StoredItem } from "../store.ts"
import { variantsOf, variantWith } from "../variants.ts"

/** Two reads, however many selections: all items, then all their partners. */
export const priceOfSelection: ItemHandler<"priceOfSelection"> =
  (ports) =>
  async ({ selections }, context) => {
    const found = await ports.store.read(context).itemsByIds([...new Set(selections.map(({ itemId }) => itemId))])
    const items = new Map(found.map((item) => [item.itemId, item]))
    const enabled = await enabledPartners(ports, found, context)
    return selections.map(({ itemId, optionIds }) => {
      const item = items.get(itemId)
      if (!item || item.state === "DRAFT") throw context.refusal("ITEM_NOT_FOUND", { itemId })
      if (item.state === "ENDED" || !enabled.has(item.partnerId)) throw context.refusal("ITEM_NOT_ON_SALE", { itemId })
      const variant = variantWith(variantsOf(item), optionIds)
      if (!variant) throw context.refusal("UNKNOWN_OPTIONS", { itemId, optionIds })
      return { ...item, sku: variant.sku, label: variant.label, unitPriceCents: variant.priceCents }
    })
  }

// An item's sale ends a moment after its partner was disabled; nothing is sold in that moment.
async function enabledPartners({ partner }: ItemPorts, items: readonly StoredItem[], context: Context): Promise<ReadonlySet<string>> {
  const partnerIds = [...new Set(items.map(({ partnerId }) => partnerId))]
  const partners = await partner.partnersByIds({ partnerIds }, context)
  return new Set(partners.filter(({ state }) => state === "ENABLED").map(({ partnerId }) => partnerId))
}
