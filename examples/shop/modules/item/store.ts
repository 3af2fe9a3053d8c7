import type { Store } from "@hanok/contract"
import type { Page } from "../../kernel/page.ts"
import type { Item } from "./contract.ts"

/** An item as it is kept: its variants follow from its options. */
export interface StoredItem extends Omit<Item, "variants"> {
  /** Who acts for the partner. */
  readonly sellerId: string
}

export interface Search {
  readonly text: string | undefined
  readonly partnerId: string | undefined
}

export interface ItemReads {
  item(itemId: string): Promise<StoredItem | undefined>
  /** In no particular order. */
  itemsByIds(itemIds: readonly string[]): Promise<readonly StoredItem[]>
  /** Newest first. */
  itemsOnSale(search: Search, page: Page): Promise<readonly StoredItem[]>
  /** Newest first. */
  itemsOfSeller(sellerId: string, page: Page): Promise<readonly StoredItem[]>
}

export interface ItemWrites {
  insertItem(item: StoredItem): Promise<void>
  /** Locks the item; `undefined` when there is none. */
  lockItem(itemId: string): Promise<StoredItem | undefined>
  setState(itemId: string, state: Item["state"]): Promise<void>
  endSalesOf(partnerId: string): Promise<void>
}

export type ItemStore = Store<ItemReads, ItemWrites>
