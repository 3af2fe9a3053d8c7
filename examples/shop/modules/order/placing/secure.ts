import { refusalOf } from "@hanok/contract"
import { couponContract } from "../../coupon/contract.ts"
import { inventoryContract } from "../../inventory/contract.ts"
import { cancel, isCancellable } from "../cancel.ts"
import type { OrderContext, OrderPorts } from "../ports.ts"
import type { StoredOrder } from "../store.ts"

type PlaceContext = OrderContext<"placeOrder">

/** Reserves stock and redeems the coupon; returns the discount in cents. When either is refused, the order is withdrawn. */
export async function secure(ports: OrderPorts, order: StoredOrder, context: PlaceContext): Promise<number> {
  await reserve(ports, order, context)
  return order.couponId === null ? 0 : redeem(ports, order, order.couponId, context)
}

async function reserve(ports: OrderPorts, { orderId, lines }: StoredOrder, context: PlaceContext): Promise<void> {
  try {
    await ports.inventory.reserve({ orderId, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) }, context)
  } catch (error) {
    const refused = refusalOf(inventoryContract, "reserve", error)
    if (!refused) throw error
    await withdraw(ports, orderId, context)
    throw refused.code === "ORDER_CANCELLED" ? context.refusal("ORDER_ABANDONED", {}) : context.refusal(refused.code, refused.details)
  }
}

async function redeem(ports: OrderPorts, order: StoredOrder, couponId: string, context: PlaceContext): Promise<number> {
  const { orderId, customerId, subtotalCents: totalCents } = order
  try {
    return (await ports.coupon.redeemCoupon({ couponId, customerId, orderId, totalCents }, context)).discountCents
  } catch (error) {
    const refused = refusalOf(couponContract, "redeemCoupon", error)
    if (!refused) throw error
    await withdraw(ports, orderId, context)
    throw refused.code === "ORDER_CANCELLED" ? context.refusal("ORDER_ABANDONED", {}) : context.refusal(refused.code, refused.details)
  }
}

function withdraw(ports: OrderPorts, orderId: string, context: PlaceContext): Promise<void> {
  return ports.store.transaction(context, async (tx) => {
    const order = await tx.lockOrder(orderId)
    if (order && isCancellable(order)) await cancel(ports, tx, order, "NOT_PLACED", context)
  })
}
