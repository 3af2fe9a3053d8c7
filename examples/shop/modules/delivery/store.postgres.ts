import type { Adapter } from "@hanok/contract"
import { postgres, sql } from "@hanok/postgres"
import type { ColumnType, Kysely, Selectable } from "@hanok/postgres"
import type { Address } from "../../kernel/address.ts"
import { behind } from "../../kernel/page.postgres.ts"
import type { Timestamp } from "../../kernel/timestamp.ts"
import type { DeliveryReads, DeliveryStore, DeliveryWrites, StoredShipment } from "./store.ts"

interface DeliveryTables {
  shipment: Omit<StoredShipment, "address" | "createdAt"> & {
    address: ColumnType<Address | null, string | null, never>
    createdAt: Timestamp
  }
  /** One for each seller of a shipment. */
  sellerShipment: Pick<StoredShipment, "shipmentId" | "state"> & { sellerId: string; createdAt: Timestamp }
}

export const deliveryStore: Adapter<DeliveryStore> = postgres<DeliveryTables, DeliveryReads, DeliveryWrites>({
  migrations: new URL("migrations/", import.meta.url),
  read: reads,
  write: writes,
})

function reads(db: Kysely<DeliveryTables>): DeliveryReads {
  const shipments = db.selectFrom("shipment").selectAll()
  return {
    shipmentOf: async (orderId) => optional(await shipments.where("orderId", "=", orderId).executeTakeFirst()),
    async shipmentsOfSeller(sellerId, state, page) {
      const own = db.selectFrom("sellerShipment").select("shipmentId").where("sellerId", "=", sellerId)
      const chosen = state === undefined ? own : own.where("state", "=", state)
      const part = page.after === undefined ? chosen : chosen.where(behind("createdAt", "shipmentId", page.after))
      const listed = part.orderBy("createdAt", "desc").orderBy("shipmentId", "desc").limit(page.limit)
      const rows = await shipments.where("shipmentId", "in", listed).orderBy("createdAt", "desc").orderBy("shipmentId", "desc").execute()
      return rows.map(shipmentOf)
    },
  }
}

function writes(db: Kysely<DeliveryTables>): DeliveryWrites {
  const shipments = db.selectFrom("shipment").selectAll().forUpdate()
  return {
    async insertShipment(shipment) {
      const row = { ...shipment, address: shipment.address && JSON.stringify(shipment.address) }
      const inserted = db
        .with("inserted", (query) =>
          query
            .insertInto("shipment")
            .values(row)
            .onConflict((conflict) => conflict.column("orderId").doNothing())
            .returning(["shipmentId", "sellerIds", "createdAt", "state"]),
        )
        .with("listed", (query) =>
          query
            .insertInto("sellerShipment")
            .columns(["sellerId", "createdAt", "shipmentId", "state"])
            .expression((from) =>
              from
                .selectFrom("inserted")
                .distinct()
                .select([sql<string>`unnest("sellerIds")`.as("sellerId"), "createdAt", "shipmentId", "state"]),
            ),
        )
        .selectFrom("inserted")
        .select("shipmentId")
      return (await inserted.execute()).length > 0
    },
    lockShipment: async (shipmentId) => optional(await shipments.where("shipmentId", "=", shipmentId).executeTakeFirst()),
    lockShipmentOf: async (orderId) => optional(await shipments.where("orderId", "=", orderId).executeTakeFirst()),
    async changeShipment(shipmentId, change) {
      await db.updateTable("shipment").set(change).where("shipmentId", "=", shipmentId).execute()
      const { state } = change
      if (state !== undefined) await db.updateTable("sellerShipment").set({ state }).where("shipmentId", "=", shipmentId).execute()
    },
  }
}

function optional(row: Selectable<DeliveryTables["shipment"]> | undefined): StoredShipment | undefined {
  return row && shipmentOf(row)
}

function shipmentOf(row: Selectable<DeliveryTables["shipment"]>): StoredShipment {
  return { ...row, createdAt: row.createdAt.toISOString() }
}
