import type { Adapter } from "@hanok/contract"
import { postgres, sql } from "@hanok/postgres"
import type { Ledger, LedgerEntry, LedgerReads, LedgerWrites } from "./ledger.ts"

interface LedgerTables {
  entry: LedgerEntry
}

export const ledger: Adapter<Ledger> = postgres<LedgerTables, LedgerReads, LedgerWrites>({
  migrations: new URL("migrations/", import.meta.url),
  read: (db) => ({
    entry: (reference) => db.selectFrom("entry").selectAll().where("reference", "=", reference).executeTakeFirst(),
  }),
  write: (db) => ({
    enter: (entry) =>
      db
        .insertInto("entry")
        .values(entry)
        .onConflict((conflict) => conflict.column("reference").doUpdateSet({ reference: sql<string>`excluded.reference` }))
        .returningAll()
        .executeTakeFirstOrThrow(),
    async setState(reference, state) {
      await db.updateTable("entry").set({ state }).where("reference", "=", reference).execute()
    },
  }),
})
