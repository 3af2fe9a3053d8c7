import { isRefusal } from "@hanok/contract"
import { timeOf } from "../../../kernel/clock.ts"
import { subjectOf } from "../../../kernel/subject.ts"
import type { Order } from "../contract.ts"
import { draftOrder } from "../placing/draft-order.ts"
import { secure } from "../placing/secure.ts"
import type { OrderContext, OrderHandler, OrderPorts } from "../ports.ts"
import type { StoredOrder } from "../store.ts"

type PlaceContext = OrderContext<"placeOrder">

/**
 * The order is kept first, then stock and coupon are secured under its id, then it is shown. Whatever interrupts this,
 * a repetition goes on where it stopped, and an order nobody goes on with is cancelled by the job `cancelOverdue`.
 */
export const placeOrder: OrderHandler<"placeOrder"> = (ports) => async (input, context) => {
  const own = { orderId: context.newId(), customerId: subjectOf(context), placedAt: timeOf(ports.clock) }
  // What can no longer be ordered may have been, if this is a repetition.
  const draft = await draftOrder(ports, own, input, context).catch((error: unknown) => keptBefore(ports, own.orderId, error, context))
  // From here on, the order is what was kept first, also when this is a repetition.
  const order = await ports.store.transaction(context, async (tx) => {
    await tx.insertOrder(draft)
    return { ...draft }
  })
  const discountCents = await secure(ports, order, context)
  return show(ports, order, discountCents, context)
}

async function keptBefore({ store }: OrderPorts, orderId: string, error: unknown, context: PlaceContext): Promise<StoredOrder> {
  const kept = isRefusal(error) ? await store.read(context).order(orderId) : undefined
  if (!kept) throw error
  return kept
}

function show({ store, events }: OrderPorts, placing: StoredOrder, discountCents: number, context: PlaceContext): Promise<Order> {
  return store.transaction(context, async (tx) => {
    const order = await tx.lockOrder(placing.orderId)
    if (order?.state !== "PLACING") throw context.refusal("ORDER_ABANDONED", {})
    const change = { state: "INIT" as const, discountCents, totalCents: order.subtotalCents - discountCents }
    const { orderId, customerId } = order
    await tx.changeOrder(orderId, change)
    await events.orderPlaced(tx, { orderId, customerId, totalCents: change.totalCents }, context)
    return { ...order, ...change }
  })
}
