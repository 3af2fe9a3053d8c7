import type { Adapter } from "@hanok/contract"
import { memoryStore, MemoryTable } from "@hanok/runtime"
import { pagedList, takePage } from "../../kernel/page.memory.ts"
import type { OrderReads, OrderStore, OrderWrites, StoredOrder } from "./store.ts"

const tables = () => ({
  orders: new MemoryTable<StoredOrder, never, "ofCustomer" | "waiting">(
    {},
    {
      ofCustomer: pagedList(
        ({ customerId }) => customerId,
        ({ placedAt, orderId }) => ({ at: placedAt, id: orderId }),
      ),
      waiting: { key: ({ state }) => (state === "PLACING" || state === "INIT" ? state : undefined), order: ({ placedAt }) => placedAt },
    },
  ),
})

export const orderStoreInMemory: Adapter<OrderStore> = memoryStore<ReturnType<typeof tables>, OrderReads, OrderWrites>({
  tables,
  read: ({ orders }) => ({
    order: async (orderId) => orders.get(orderId),
    ordersOf: async (customerId, page) => takePage(orders, "ofCustomer", customerId, page, isPlaced),
    async overdue({ placing, unpaid }, limit) {
      const late = (state: "PLACING" | "INIT", upTo: string) => orders.ascending("waiting", state, upTo).take(limit)
      return [...late("PLACING", placing), ...late("INIT", unpaid)].slice(0, limit).map(({ orderId }) => orderId)
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

function isPlaced({ state, cancelReason }: StoredOrder): boolean {
  return state !== "PLACING" && cancelReason !== "NOT_PLACED"
}
