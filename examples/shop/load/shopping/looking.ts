import { inventoryContract } from "../../modules/inventory/contract.ts"
import type { Item } from "../../modules/item/contract.ts"
import { itemContract } from "../../modules/item/contract.ts"
import { orderContract } from "../../modules/order/contract.ts"
import type { Mood } from "../season.ts"
import { accountOf } from "./account.ts"
import type { SeenItem, Shopper } from "./shopper.ts"

const words = ["a", "e", "o", "set", "cup", "tea"]
/** How many items a crowd wants: the newest ones. */
const crowded = 3

/** Looks through a list: most often the newest items, at times a search or the next page. */
export async function browse(shopper: Shopper): Promise<void> {
  const { api, random } = shopper
  const asked = random.chance(0.2) ? { text: random.pick(words) } : {}
  const deeper = random.chance(0.3)
  const page = await api.call(itemContract, "items", asked)
  if (page.items.length > 0) shopper.seen = page.items
  if (!deeper || page.nextCursor === null) return
  const next = await api.call(itemContract, "items", { ...asked, cursor: page.nextCursor })
  if (next.items.length > 0) shopper.seen = next.items
}

/** Looks at one item, and whether it can be had. */
export async function look(shopper: Shopper, mood: Mood): Promise<Item | undefined> {
  const wanted = await choose(shopper, mood)
  if (!wanted) return undefined
  const item = await shopper.api.call(itemContract, "itemById", { itemId: wanted.itemId })
  const skus = item.variants.map(({ sku }) => sku).slice(0, 20)
  if (skus.length > 0) await shopper.api.call(inventoryContract, "stockOf", { skus })
  return item
}

/** Looks at its own orders. */
export async function lookAtOrders(shopper: Shopper): Promise<void> {
  const { api, random, orderIds } = shopper
  const { token } = await accountOf(shopper)
  await api.call(orderContract, "ordersOfCustomer", {}, { token })
  const orderId = random.pick(orderIds)
  if (orderId !== undefined) await api.call(orderContract, "orderById", { orderId }, { token })
}

async function choose(shopper: Shopper, { crowding }: Mood): Promise<SeenItem | undefined> {
  const { random } = shopper
  if (crowding || shopper.seen.length === 0) await browseNewest(shopper)
  return random.pick(crowding ? shopper.seen.slice(0, crowded) : shopper.seen)
}

async function browseNewest(shopper: Shopper): Promise<void> {
  const { items } = await shopper.api.call(itemContract, "items", {})
  shopper.seen = items
}
