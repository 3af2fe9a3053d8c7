import type { Adapter } from "@hanok/contract"
import { postgres, sql } from "@hanok/postgres"
import type { ColumnType, JSONColumnType, Kysely, Selectable } from "@hanok/postgres"
import { behind } from "../../kernel/page.postgres.ts"
import type { Page } from "../../kernel/page.ts"
import type { OptionalTimestamp, Timestamp } from "../../kernel/timestamp.ts"
import type { OrderReads, OrderStore, OrderWrites, StoredOrder } from "./store.ts"

type OptionalJson<T> = ColumnType<T | null, string | null, never>

interface OrderTables {
  order: Omit<StoredOrder, "lines" | "address" | "giftTo" | "placedAt" | "paidAt" | "cancelledAt" | "claimedAt"> & {
    lines: JSONColumnType<StoredOrder["lines"]>
    address: OptionalJson<NonNullable<StoredOrder["address"]>>
    giftTo: OptionalJson<NonNullable<StoredOrder["giftTo"]>>
    placedAt: Timestamp
    paidAt: OptionalTimestamp
    cancelledAt: OptionalTimestamp
    claimedAt: OptionalTimestamp
  }
}

export const orderStore: Adapter<OrderStore> = postgres<OrderTables, OrderReads, OrderWrites>({
  migrations: new URL("migrations/", import.meta.url),
  read: reads,
  write: writes,
})

function reads(db: Kysely<OrderTables>): OrderReads {
  return {
    order: async (orderId) => optional(await db.selectFrom("order").selectAll().where("orderId", "=", orderId).executeTakeFirst()),
    ordersOf: async (customerId, page) => (await placedBy(db, customerId, page).execute()).map(orderOf),
    async overdue({ placing, unpaid }, limit) {
      const late = db
        .selectFrom("order")
        .select("orderId")
        .where((is) =>
          is.or([
            is.and([is("state", "=", sql.lit("PLACING")), is("placedAt", "<=", new Date(placing))]),
            is.and([is("state", "=", sql.lit("INIT")), is("placedAt", "<=", new Date(unpaid))]),
          ]),
        )
      return (await late.limit(limit).execute()).map(({ orderId }) => orderId)
    },
  }
}

function placedBy(db: Kysely<OrderTables>, customerId: string, page: Page) {
  const placed = db
    .selectFrom("order")
    .selectAll()
    .where("customerId", "=", customerId)
    .where("state", "!=", "PLACING")
    .where((is) => is.or([is("cancelReason", "is", null), is("cancelReason", "!=", "NOT_PLACED")]))
    .orderBy("placedAt", "desc")
    .orderBy("orderId", "desc")
    .limit(page.limit)
  return page.after === undefined ? placed : placed.where(behind("placedAt", "orderId", page.after))
}

function writes(db: Kysely<OrderTables>): OrderWrites {
  return {
    async insertOrder(order) {
      await db
        .insertInto("order")
        .values({ ...order, ...documentsOf(order) })
        .execute()
    },
    lockOrder: async (orderId) =>
      optional(await db.selectFrom("order").selectAll().where("orderId", "=", orderId).forUpdate().executeTakeFirst()),
    async changeOrder(orderId, change) {
      await db.updateTable("order").set(change).where("orderId", "=", orderId).execute()
    },
  }
}

function documentsOf({ lines, address, giftTo }: StoredOrder) {
  return { lines: JSON.stringify(lines), address: address && JSON.stringify(address), giftTo: giftTo && JSON.stringify(giftTo) }
}

type OrderRow = Selectable<OrderTables["order"]>

function optional(row: OrderRow | undefined): StoredOrder | undefined {
  return row && orderOf(row)
}

function orderOf(row: OrderRow): StoredOrder {
  return {
    ...row,
    placedAt: row.placedAt.toISOString(),
    paidAt: row.paidAt && row.paidAt.toISOString(),
    cancelledAt: row.cancelledAt && row.cancelledAt.toISOString(),
    claimedAt: row.claimedAt && row.claimedAt.toISOString(),
  }
}
