import type { Adapter } from "@hanok/contract"
import { postgres, sql } from "@hanok/postgres"
import type { JSONColumnType, Kysely } from "@hanok/postgres"
import type { StockLevel } from "./contract.ts"
import type { InventoryReads, InventoryStore, InventoryWrites, Reservation } from "./store.ts"

interface InventoryTables {
  level: StockLevel
  reservation: Omit<Reservation, "lines"> & { lines: JSONColumnType<Reservation["lines"]> }
}

export const inventoryStore: Adapter<InventoryStore> = postgres<InventoryTables, InventoryReads, InventoryWrites>({
  migrations: new URL("migrations/", import.meta.url),
  read: (db) => ({
    level: (sku) => db.selectFrom("level").selectAll().where("sku", "=", sku).executeTakeFirst(),
    levels: (skus) => db.selectFrom("level").selectAll().where("sku", "in", skus).execute(),
  }),
  write: writes,
})

function writes(db: Kysely<InventoryTables>): InventoryWrites {
  return {
    receive(sku, quantity) {
      const received = db.insertInto("level").values({ sku, available: quantity, reserved: 0, committed: 0 })
      return received
        .onConflict((conflict) => conflict.column("sku").doUpdateSet({ available: sql<number>`level.available + excluded.available` }))
        .returningAll()
        .executeTakeFirstOrThrow()
    },
    lockLevels: (skus) => db.selectFrom("level").selectAll().where("sku", "in", skus).orderBy("sku").forUpdate().execute(),
    putLevels: (levels) => putLevels(db, levels),
    lockReservation(orderId) {
      // The update changes nothing; it locks the row, as a plain `do nothing` would not, and gives it back.
      const opened = db.insertInto("reservation").values({ orderId, state: "NEW", lines: "[]" })
      return opened
        .onConflict((conflict) => conflict.column("orderId").doUpdateSet({ orderId: sql<string>`excluded."orderId"` }))
        .returningAll()
        .executeTakeFirstOrThrow()
    },
    async putReservation({ orderId, state, lines }) {
      await db
        .updateTable("reservation")
        .set({ state, lines: JSON.stringify(lines) })
        .where("orderId", "=", orderId)
        .execute()
    },
  }
}

async function putLevels(db: Kysely<InventoryTables>, levels: readonly StockLevel[]): Promise<void> {
  const [skus, available, reserved, committed] = (["sku", "available", "reserved", "committed"] as const).map((part) =>
    levels.map((level) => level[part]),
  )
  await sql`update level set available = new.available, reserved = new.reserved, committed = new.committed
    from unnest(${skus}::text[], ${available}::bigint[], ${reserved}::bigint[], ${committed}::bigint[])
      as new (sku, available, reserved, committed)
    where level.sku = new.sku`.execute(db)
}
