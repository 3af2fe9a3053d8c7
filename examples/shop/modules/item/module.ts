import { defineModule } from "@hanok/contract"
import { partnerContract } from "../partner/contract.ts"
import { itemContract } from "./contract.ts"
import { needs, uses } from "./ports.ts"
import { itemById } from "./queries/item-by-id.ts"
import { items, itemsOfSeller } from "./queries/items.ts"
import { priceOfSelection } from "./queries/price-of-selection.ts"
import { sellerOfSku } from "./queries/seller-of-sku.ts"
import { endSales } from "./reactions/end-sales.ts"
import { createItem } from "./use-cases/create-item.ts"
import { endSale } from "./use-cases/end-sale.ts"
import { startSale } from "./use-cases/start-sale.ts"

export const itemModule = defineModule({
  contract: itemContract,
  owner: "team-catalogue",
  uses,
  listens: { partner: partnerContract },
  needs,
  handlers: { createItem, startSale, endSale, items, itemsOfSeller, itemById, priceOfSelection, sellerOfSku },
  reactions: { partner: { partnerDisabled: endSales } },
})
