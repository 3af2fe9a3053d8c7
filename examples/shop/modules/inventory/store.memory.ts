import type { Adapter } from "@hanok/contract"
import { memoryStore, MemoryTable } from "@hanok/runtime"
import type { StockLevel } from "./contract.ts"
import type { InventoryReads, InventoryStore, InventoryWrites, Reservation } from "./store.ts"

const tables = () => ({ levels: new MemoryTable<StockLevel>(), reservations: new MemoryTable<Reservation>() })
type Tables = ReturnType<typeof tables>

export const inventoryStoreInMemory: Adapter<InventoryStore> = memoryStore<Tables, InventoryReads, InventoryWrites>({
  tables,
  read: ({ levels }) => ({
    level: async (sku) => levels.get(sku),
    levels: async (skus) => known(levels, skus),
  }),
  write: ({ levels, reservations }, changes) => ({
    async receive(sku, quantity) {
      const level = levels.get(sku) ?? { sku, available: 0, reserved: 0, committed: 0 }
      const more = { ...level, available: level.available + quantity }
      changes.put(levels, sku, more)
      return more
    },
    lockLevels: async (skus) => known(levels, skus),
    async putLevels(changed) {
      for (const level of changed) changes.put(levels, level.sku, level)
    },
    lockReservation: async (orderId) => reservations.get(orderId) ?? { orderId, state: "NEW", lines: [] },
    putReservation: async (reservation) => changes.put(reservations, reservation.orderId, reservation),
  }),
})

function known(levels: MemoryTable<StockLevel>, skus: readonly string[]): readonly StockLevel[] {
  return skus.map((sku) => levels.get(sku)).filter((level) => level !== undefined)
}
