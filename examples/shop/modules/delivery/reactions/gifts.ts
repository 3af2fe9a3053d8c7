import { refusalOf } from "@hanok/contract"
import type { Context, Reaction } from "@hanok/contract"
import { timeOf } from "../../../kernel/clock.ts"
import type { giftContract } from "../../gift/contract.ts"
import { orderContract } from "../../order/contract.ts"
import type { DeliveryPorts } from "../ports.ts"

/** A claimed gift waits to be packed, for the address that was named. */
export const createGiftShipment =
  (ports: DeliveryPorts): Reaction<typeof giftContract, "giftClaimed"> =>
  async ({ orderId, address }, context) => {
    const order = await paidOrder(ports, orderId, context)
    if (!order) return
    const whose = { shipmentId: context.newId(), orderId, customerId: order.customerId, sellerIds: order.sellerIds }
    const shipment = { ...whose, state: "WAITING" as const, address, trackingNumber: null, createdAt: timeOf(ports.clock) }
    await ports.store.transaction(context, async (tx) => void (await tx.insertShipment(shipment)))
  }

async function paidOrder({ order }: DeliveryPorts, orderId: string, context: Context) {
  try {
    const found = await order.orderToShip({ orderId }, context)
    return found.state === "CANCELLED" ? undefined : found
  } catch (error) {
    if (refusalOf(orderContract, "orderToShip", error)) return undefined
    throw error
  }
}
