import { friendsHomeOf, homeOf } from "../business/furnish.ts"
import type { Effects } from "./effect.ts"
import { holds, times } from "./effect.ts"
import { isSold } from "./facts.ts"
import type { OrderFact } from "./facts.ts"
import type { Finding } from "./finding.ts"

/** What an order is once its shipment is that. */
const follows: Readonly<Record<string, string>> = {
  WAITING: "PAID",
  PREPARING: "PREPARING",
  SHIPPED: "SHIPPED",
  DELIVERED: "DELIVERY_COMPLETE",
}

/** A sold order has one shipment, a gift from its claim on; one that was cancelled after its payment has one that is not sent. */
export function checkShipments(order: OrderFact, effects: Effects): readonly Finding[] {
  const { orderId, customerId, isGift, wasPaid, wasClaimed, state } = order
  const { street } = isGift ? friendsHomeOf(orderId) : homeOf(customerId)
  const all = effects.shipments(orderId)
  const going = all.filter((shipment) => shipment.state !== "CANCELLED")
  const isDue = isSold(order) && (!isGift || wasClaimed)
  return [
    ...times(isDue ? 1 : 0, going.length, `the shipment of ${orderId} (${state})`),
    ...(wasPaid && state === "CANCELLED" ? times(1, all.length, `the shipment, not to be sent, of ${orderId}`) : []),
    ...going.flatMap((shipment) => {
      const wasSent = shipment.state === "SHIPPED" || shipment.state === "DELIVERED"
      const told = effects.messages(`shipped ${shipment.shipmentId}`)
      return [
        holds(follows[shipment.state] === state, `the shipment of ${orderId} is ${shipment.state}, the order ${state}`),
        holds(shipment.street === street, `the shipment of ${orderId} goes to ${shipment.street}`),
        times(wasSent ? 1 : 0, told, `the message that ${shipment.shipmentId} was shipped`),
      ].flat()
    }),
  ]
}
