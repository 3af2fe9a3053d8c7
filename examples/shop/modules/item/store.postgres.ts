import type { Adapter } from "@hanok/contract"
import { postgres } from "@hanok/postgres"
import type { JSONColumnType, Kysely, Selectable } from "@hanok/postgres"
import { behind } from "../../kernel/page.postgres.ts"
import type { Timestamp } from "../../kernel/timestamp.ts"
import type { Page } from "../../kernel/page.ts"
import type { ItemReads, ItemStore, ItemWrites, Search, StoredItem } from "./store.ts"

interface ItemTables {
  item: Omit<StoredItem, "optionGroups" | "createdAt"> & {
    optionGroups: JSONColumnType<StoredItem["optionGroups"]>
    createdAt: Timestamp
  }
}

export const itemStore: Adapter<ItemStore> = postgres<ItemTables, ItemReads, ItemWrites>({
  migrations: new URL("migrations/", import.meta.url),
  read: reads,
  write: writes,
})

function reads(db: Kysely<ItemTables>): ItemReads {
  return {
    async item(itemId) {
      const row = await db.selectFrom("item").selectAll().where("itemId", "=", itemId).executeTakeFirst()
      return row && itemOf(row)
    },
    async itemsByIds(itemIds) {
      if (itemIds.length === 0) return []
      return (await db.selectFrom("item").selectAll().where("itemId", "in", itemIds).execute()).map(itemOf)
    },
    itemsOnSale: async (search, page) => (await itemsOnSale(db, search, page).execute()).map(itemOf),
    async itemsOfSeller(sellerId, page) {
      return (await newestFirst(db, page).where("sellerId", "=", sellerId).execute()).map(itemOf)
    },
  }
}

function newestFirst(db: Kysely<ItemTables>, page: Page) {
  const items = db.selectFrom("item").selectAll().orderBy("createdAt", "desc").orderBy("itemId", "desc").limit(page.limit)
  return page.after === undefined ? items : items.where(behind("createdAt", "itemId", page.after))
}

function itemsOnSale(db: Kysely<ItemTables>, { text, partnerId }: Search, page: Page) {
  const items = newestFirst(db, page).where("state", "=", "ON_SALE")
  const ofPartner = partnerId === undefined ? items : items.where("partnerId", "=", partnerId)
  return text === undefined ? ofPartner : ofPartner.where("name", "ilike", `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`)
}

function writes(db: Kysely<ItemTables>): ItemWrites {
  return {
    async insertItem(item) {
      await db
        .insertInto("item")
        .values({ ...item, optionGroups: JSON.stringify(item.optionGroups) })
        .execute()
    },
    async lockItem(itemId) {
      const row = await db.selectFrom("item").selectAll().where("itemId", "=", itemId).forUpdate().executeTakeFirst()
      return row && itemOf(row)
    },
    async setState(itemId, state) {
      await db.updateTable("item").set({ state }).where("itemId", "=", itemId).execute()
    },
    async endSalesOf(partnerId) {
      await db.updateTable("item").set({ state: "ENDED" }).where("partnerId", "=", partnerId).where("state", "=", "ON_SALE").execute()
    },
  }
}

function itemOf(row: Selectable<ItemTables["item"]>): StoredItem {
  return { ...row, createdAt: row.createdAt.toISOString() }
}
