import type { Adapter } from "@hanok/contract"
import { memoryStore, MemoryTable } from "@hanok/runtime"
import { takePage } from "../../kernel/page.ts"
import type { OrderReads, OrderStore, OrderWrites, StoredOrder } from "./store.ts"

const tables = () => ({
  orders: new MemoryTable<StoredOrder, "customerId" | "state">({ customerId: ({ customerId }) => customerId, state: ({ state }) => state }),
})

export const orderStoreInMemory: Adapter<OrderStore> = memoryStore<ReturnType<typeof tables>, OrderReads, OrderWrites>({
  tables,
  read: ({ orders }) => ({
    order: async (orderId) => orders.get(orderId),
    async ordersOf(customerId, page) {
      const placed = orders
        .by("customerId", customerId)
        .filter(({ state, cancelReason }) => state !== "PLACING" && cancelReason !== "NOT_PLACED")
      return takePage(placed, page, ({ placedAt, orderId }) => ({ at: placedAt, id: orderId }))
    },
    async overdue(before, limit) {
      const late = ({ state, placedAt }: StoredOrder) =>
        (state === "PLACING" && placedAt <= before.placing) || (state === "INIT" && placedAt <= before.unpaid)
      return [...orders.by("state", "PLACING"), ...orders.by("state", "INIT")]
        .filter(late)
        .slice(0, limit)
        .map(({ orderId }) => orderId)
    },
  }),
  write: ({ orders }, changes) => ({
    insertOrder: async (order) => changes.put(orders, order.orderId, order),
    lockOrder: async (orderId) => orders.get(orderId),
    async changeOrder(orderId, change) {
      const order = orders.get(orderId)
      if (order) changes.put(orders, orderId, { ...order, ...change })
    },
  }),
})
