import type { Reaction } from "@hanok/contract"
import type { orderContract } from "../../order/contract.ts"
import { inWords } from "../money.ts"
import type { NotificationPorts } from "../ports.ts"
import { queueMail } from "../queue.ts"

export const tellPaid =
  (ports: NotificationPorts): Reaction<typeof orderContract, "orderPaid"> =>
  ({ orderId, customerId, totalCents, lines }, context) => {
    const things = lines.map(({ quantity, name }) => `${quantity} × ${name}`).join("\n")
    const words = { subject: "Thank you for your order", body: `We have received ${inWords(totalCents)} for:\n${things}\nOrder ${orderId}` }
    return queueMail(ports, customerId, { occasion: `paid ${orderId}`, ...words }, context)
  }

/** Of an order that was never placed, nobody has to be told. */
export const tellCancelled =
  (ports: NotificationPorts): Reaction<typeof orderContract, "orderCancelled"> =>
  async ({ orderId, customerId, reason, stateBefore, totalCents }, context) => {
    if (stateBefore === "PLACING") return
    const why = reasons[reason]
    const refund = stateBefore === "PAID" ? ` You get back ${inWords(totalCents)}.` : ""
    const words = { subject: "Your order was cancelled", body: `Order ${orderId} was cancelled: ${why}.${refund}` }
    await queueMail(ports, customerId, { occasion: `cancelled ${orderId}`, ...words }, context)
  }

const reasons = {
  CUSTOMER: "you asked for it",
  UNPAID: "it was not paid in time",
  GIFT_EXPIRED: "the gift was not claimed in time",
  NOT_PLACED: "it could not be placed",
} as const
