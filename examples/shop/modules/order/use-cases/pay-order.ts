import { refusalOf } from "@hanok/contract"
import type { HandlerInput } from "@hanok/contract"
import { timeOf } from "../../../kernel/clock.ts"
import { subjectOf } from "../../../kernel/subject.ts"
import { paymentContract } from "../../payment/contract.ts"
import type { Order, orderContract } from "../contract.ts"
import type { OrderContext, OrderHandler, OrderPorts } from "../ports.ts"
import { visibleTo } from "../visible.ts"

type PayContext = OrderContext<"payOrder">

/** The money is held first, then the order is paid; once it is, payment takes the money. */
export const payOrder: OrderHandler<"payOrder"> = (ports) => async (input, context) => {
  const order = visibleTo(await ports.store.read(context).order(input.orderId), subjectOf(context))
  if (!order) throw context.refusal("ORDER_NOT_FOUND", {})
  if (order.state === "CANCELLED") throw context.refusal("ORDER_NOT_PAYABLE", { state: order.state })
  if (order.state !== "INIT") return order
  await hold(ports, order, input, context)
  return markPaid(ports, order.orderId, context)
}

type Means = Pick<HandlerInput<(typeof orderContract)["declarations"]["payOrder"]>, "method" | "token">

async function hold({ payment }: OrderPorts, order: Order, { method, token }: Means, context: PayContext): Promise<void> {
  const { orderId, customerId, totalCents: amountCents } = order
  try {
    await payment.authorise({ orderId, customerId, amountCents, method, token }, context)
  } catch (error) {
    const refused = refusalOf(paymentContract, "authorise", error)
    if (refused?.code === "PAYMENT_DECLINED") throw context.refusal("PAYMENT_DECLINED", refused.details)
    throw refused ? context.refusal("ORDER_NOT_PAYABLE", { state: "CANCELLED" }) : error
  }
}

// If it was cancelled meanwhile, its cancellation has already sent for the money to be let go.
function markPaid({ store, events, clock }: OrderPorts, orderId: string, context: PayContext): Promise<Order> {
  return store.transaction(context, async (tx) => {
    const order = await tx.lockOrder(orderId)
    if (!order || order.state === "PLACING") throw context.refusal("ORDER_NOT_FOUND", {})
    if (order.state === "CANCELLED") throw context.refusal("ORDER_NOT_PAYABLE", { state: order.state })
    if (order.state !== "INIT") return { ...order, state: order.state }
    const change = { state: "PAID" as const, paidAt: timeOf(clock) }
    await tx.changeOrder(orderId, change)
    await events.orderPaid(tx, { ...order, paidAt: change.paidAt }, context)
    return { ...order, ...change }
  })
}
