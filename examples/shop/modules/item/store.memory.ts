import type { Adapter } from "@hanok/contract"
import { memoryStore, MemoryTable } from "@hanok/runtime"
import { pagedList, takePage } from "../../kernel/page.memory.ts"
import type { ItemReads, ItemStore, ItemWrites, Search, StoredItem } from "./store.ts"

const tables = () => ({
  items: new MemoryTable<StoredItem, "partnerId", "state" | "ofSeller">(
    { partnerId: ({ partnerId }) => partnerId },
    { state: pagedList(({ state }) => state, positionOf), ofSeller: pagedList(({ sellerId }) => sellerId, positionOf) },
  ),
})

export const itemStoreInMemory: Adapter<ItemStore> = memoryStore<ReturnType<typeof tables>, ItemReads, ItemWrites>({
  tables,
  read: ({ items }) => ({
    item: async (itemId) => items.get(itemId),
    itemsByIds: async (itemIds) => itemIds.map((id) => items.get(id)).filter((item) => item !== undefined),
    itemsOnSale: async (search, page) => takePage(items, "state", "ON_SALE", page, (item) => fits(item, search)),
    itemsOfSeller: async (sellerId, page) => takePage(items, "ofSeller", sellerId, page),
  }),
  write: ({ items }, changes) => {
    const setState: ItemWrites["setState"] = async (itemId, state) => {
      const item = items.get(itemId)
      if (item) changes.put(items, itemId, { ...item, state })
    }
    return {
      insertItem: async (item) => changes.put(items, item.itemId, item),
      lockItem: async (itemId) => items.get(itemId),
      setState,
      async endSalesOf(partnerId) {
        const onSale = items.by("partnerId", partnerId).filter(({ state }) => state === "ON_SALE")
        for (const { itemId } of onSale) await setState(itemId, "ENDED")
      },
    }
  },
})

function positionOf({ createdAt, itemId }: StoredItem) {
  return { at: createdAt, id: itemId }
}

function fits(item: StoredItem, { text, partnerId }: Search): boolean {
  if (partnerId !== undefined && item.partnerId !== partnerId) return false
  return text === undefined || item.name.toLowerCase().includes(text.toLowerCase())
}
