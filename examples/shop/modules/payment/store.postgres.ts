import type { Adapter } from "@hanok/contract"
import { postgres, sql } from "@hanok/postgres"
import type { Kysely, Selectable } from "@hanok/postgres"
import type { Timestamp } from "../../kernel/timestamp.ts"
import type { PaymentReads, PaymentStore, PaymentWrites, StoredPayment } from "./store.ts"

interface PaymentTables {
  payment: Omit<StoredPayment, "updatedAt"> & { updatedAt: Timestamp }
}

export const paymentStore: Adapter<PaymentStore> = postgres<PaymentTables, PaymentReads, PaymentWrites>({
  migrations: new URL("migrations/", import.meta.url),
  read: (db) => ({
    async payment(orderId) {
      const row = await db.selectFrom("payment").selectAll().where("orderId", "=", orderId).executeTakeFirst()
      return row && paymentOf(row)
    },
  }),
  write: writes,
})

function writes(db: Kysely<PaymentTables>): PaymentWrites {
  return {
    async lockPayment(payment) {
      // The update changes nothing; it locks the row, as a plain `do nothing` would not, and gives it back.
      const opened = db
        .insertInto("payment")
        .values(payment)
        .onConflict((conflict) => conflict.column("orderId").doUpdateSet({ orderId: sql<string>`excluded."orderId"` }))
      return paymentOf(await opened.returningAll().executeTakeFirstOrThrow())
    },
    async putPayment({ orderId, ...payment }) {
      await db.updateTable("payment").set(payment).where("orderId", "=", orderId).execute()
    },
  }
}

function paymentOf(row: Selectable<PaymentTables["payment"]>): StoredPayment {
  return { ...row, updatedAt: row.updatedAt.toISOString() }
}
