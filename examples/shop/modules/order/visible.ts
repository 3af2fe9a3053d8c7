import type { Order } from "./contract.ts"
import type { StoredOrder } from "./store.ts"

/** The order as its customer sees it; `undefined` when it was never placed. */
export function visible(order: StoredOrder | undefined): Order | undefined {
  if (!order || order.state === "PLACING" || order.cancelReason === "NOT_PLACED") return undefined
  return { ...order, state: order.state }
}

/** The order, if it is that customer's. */
export function visibleTo(order: StoredOrder | undefined, customerId: string): Order | undefined {
  return order?.customerId === customerId ? visible(order) : undefined
}
