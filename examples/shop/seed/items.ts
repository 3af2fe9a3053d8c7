import type { Identity } from "@hanok/contract"
import { inventoryContract } from "../modules/inventory/contract.ts"
import { itemContract } from "../modules/item/contract.ts"
import type { Variant } from "../modules/item/contract.ts"
import type { NewItem } from "./catalogue.ts"
import type { SeedClient } from "./client.ts"

const pieces = 500
const atOnce = 8

/** Puts a partner's items on sale, with stock. Those that are there already, by their names, are left as they are. */
export async function seedItems(client: SeedClient, seller: Identity, items: readonly NewItem[]): Promise<void> {
  const { items: existing } = await client(itemContract).itemsOfSeller({ limit: 100 }, { identity: seller })
  const onSale = new Set(existing.filter(({ state }) => state === "ON_SALE").map(({ name }) => name))
  const drafts = new Map(existing.map(({ name, itemId }) => [name, itemId]))
  const missing = items.filter(({ name }) => !onSale.has(name))
  for (let done = 0; done < missing.length; done += atOnce) {
    await Promise.all(missing.slice(done, done + atOnce).map((item) => seedItem(client, seller, item, drafts.get(item.name))))
  }
}

// The sale starts last: what is on sale is complete.
async function seedItem(client: SeedClient, identity: Identity, item: NewItem, draftId: string | undefined): Promise<void> {
  const call = { identity, idempotencyKey: `seed/item/${identity.subject}/${item.name.replaceAll(" ", "-")}` }
  const { itemId, variants } =
    draftId === undefined
      ? await client(itemContract).createItem(item, call)
      : await client(itemContract).itemById({ itemId: draftId }, call)
  await fillStock(client, identity, variants)
  await client(itemContract).startSale({ itemId }, { identity, idempotencyKey: `seed/sale/${itemId}` })
}

async function fillStock(client: SeedClient, identity: Identity, variants: readonly Variant[]): Promise<void> {
  const inventory = client(inventoryContract)
  const stock = await inventory.stockOf({ skus: variants.map(({ sku }) => sku) })
  const empty = stock.filter(({ available }) => available === 0)
  await Promise.all(
    empty.map(({ sku }) => inventory.receiveStock({ sku, quantity: pieces }, { identity, idempotencyKey: `seed/stock/${sku}` })),
  )
}
