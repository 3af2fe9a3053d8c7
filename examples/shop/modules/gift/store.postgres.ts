import type { Adapter } from "@hanok/contract"
import { postgres, sql } from "@hanok/postgres"
import type { ColumnType, Kysely, Selectable } from "@hanok/postgres"
import type { Address } from "../../kernel/address.ts"
import type { OptionalTimestamp, Timestamp } from "../../kernel/timestamp.ts"
import type { GiftReads, GiftStore, GiftWrites, StoredGift } from "./store.ts"

interface GiftTables {
  withdrawal: { orderId: string }
  gift: Omit<StoredGift, "address" | "expiresAt" | "claimedAt"> & {
    address: ColumnType<Address | null, string | null, string | null>
    expiresAt: Timestamp
    claimedAt: OptionalTimestamp
  }
}

export const giftStore: Adapter<GiftStore> = postgres<GiftTables, GiftReads, GiftWrites>({
  migrations: new URL("migrations/", import.meta.url),
  read: reads,
  write: writes,
})

function reads(db: Kysely<GiftTables>): GiftReads {
  const gifts = db.selectFrom("gift")
  return {
    giftsOf: async (orderId) => (await gifts.selectAll().where("orderId", "=", orderId).execute()).map(giftOf),
    giftByLink: async (link) => optional(await gifts.selectAll().where("link", "=", link).executeTakeFirst()),
    async overdue(now, limit) {
      const late = gifts.select("giftId").where("state", "=", sql.lit("OFFERED")).where("expiresAt", "<=", new Date(now)).limit(limit)
      return (await late.execute()).map(({ giftId }) => giftId)
    },
  }
}

function writes(db: Kysely<GiftTables>): GiftWrites {
  const gifts = db.selectFrom("gift").selectAll().forUpdate()
  return {
    async withdraw(orderId) {
      await db
        .insertInto("withdrawal")
        .values({ orderId })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
    async isWithdrawn(orderId) {
      const withdrawn = db.selectFrom("withdrawal").select("orderId").where("orderId", "=", orderId)
      return (await withdrawn.executeTakeFirst()) !== undefined
    },
    async insertGift(gift) {
      await db
        .insertInto("gift")
        .values({ ...gift, address: documentOf(gift.address) })
        .execute()
    },
    lockGift: async (giftId) => optional(await gifts.where("giftId", "=", giftId).executeTakeFirst()),
    lockGiftByLink: async (link) => optional(await gifts.where("link", "=", link).executeTakeFirst()),
    lockGiftsOf: async (orderId) => (await gifts.where("orderId", "=", orderId).orderBy("giftId").execute()).map(giftOf),
    async changeGift(giftId, { address, ...change }) {
      const changes = address === undefined ? change : { ...change, address: documentOf(address) }
      await db.updateTable("gift").set(changes).where("giftId", "=", giftId).execute()
    },
  }
}

function documentOf(address: Address | null): string | null {
  return address && JSON.stringify(address)
}

function optional(row: Selectable<GiftTables["gift"]> | undefined): StoredGift | undefined {
  return row && giftOf(row)
}

function giftOf(row: Selectable<GiftTables["gift"]>): StoredGift {
  return { ...row, expiresAt: row.expiresAt.toISOString(), claimedAt: row.claimedAt && row.claimedAt.toISOString() }
}
