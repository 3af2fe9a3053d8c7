import type { Context, Transaction } from "@hanok/contract"
import { timeOf } from "../../kernel/clock.ts"
import type { Order } from "./contract.ts"
import type { OrderPorts } from "./ports.ts"
import type { OrderWrites, StoredOrder } from "./store.ts"

export type Cancellable = StoredOrder & { readonly state: "PLACING" | "INIT" | "PAID" }

/** From `PREPARING` on an order takes its course, and so does a gift that was claimed. */
export function isCancellable(order: StoredOrder): order is Cancellable {
  return ["PLACING", "INIT", "PAID"].includes(order.state) && order.claimedAt === null
}

/**
 * Cancels an order that is locked. Everything else follows from the event, which leaves with the same commit: stock is
 * released, the coupon returned, the money refunded, each by its own module.
 */
export async function cancel(
  { events, clock }: Pick<OrderPorts, "events" | "clock">,
  tx: OrderWrites & Transaction,
  order: Cancellable,
  reason: NonNullable<Order["cancelReason"]>,
  context: Context,
): Promise<Order> {
  const change = { state: "CANCELLED" as const, cancelledAt: timeOf(clock), cancelReason: reason }
  const { orderId, customerId, couponId, totalCents, state: stateBefore } = order
  await tx.changeOrder(orderId, change)
  await events.orderCancelled(tx, { orderId, customerId, reason, stateBefore, couponId, totalCents }, context)
  return { ...order, ...change }
}
