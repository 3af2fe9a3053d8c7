import type { Adapter } from "@hanok/contract"
import { memoryStore, MemoryTable } from "@hanok/runtime"
import type { Ledger, LedgerEntry, LedgerReads, LedgerWrites } from "./ledger.ts"

const tables = () => ({ entries: new MemoryTable<LedgerEntry>() })

export const ledgerInMemory: Adapter<Ledger> = memoryStore<ReturnType<typeof tables>, LedgerReads, LedgerWrites>({
  tables,
  read: ({ entries }) => ({ entry: async (reference) => entries.get(reference) }),
  write: ({ entries }, changes) => ({
    async enter(entry) {
      const existing = entries.get(entry.reference)
      if (!existing) changes.put(entries, entry.reference, entry)
      return existing ?? entry
    },
    async setState(reference, state) {
      const entry = entries.get(reference)
      if (entry) changes.put(entries, reference, { ...entry, state })
    },
  }),
})
