import type { Reaction } from "@hanok/contract"
import { timeOf } from "../../../kernel/clock.ts"
import type { orderContract } from "../../order/contract.ts"
import type { DeliveryPorts } from "../ports.ts"

/** A paid order waits to be packed; a gift only when it is known where it goes. */
export const createShipment =
  ({ store, clock }: DeliveryPorts): Reaction<typeof orderContract, "orderPaid"> =>
  async ({ orderId, customerId, lines, address }, context) => {
    if (address === null) return
    const sellerIds = [...new Set(lines.map(({ sellerId }) => sellerId))]
    const whose = { shipmentId: context.newId(), orderId, customerId, sellerIds }
    const shipment = { ...whose, state: "WAITING" as const, address, trackingNumber: null, createdAt: timeOf(clock) }
    await store.transaction(context, async (tx) => void (await tx.insertShipment(shipment)))
  }

/** Nothing is sent for an order that was cancelled, also when its gift is claimed a moment later. */
export const cancelShipment =
  ({ store, clock }: DeliveryPorts): Reaction<typeof orderContract, "orderCancelled"> =>
  async ({ orderId, customerId, stateBefore }, context) => {
    if (stateBefore !== "PAID") return
    const none = { shipmentId: context.newId(), orderId, customerId, sellerIds: [], address: null, trackingNumber: null }
    await store.transaction(context, async (tx) => {
      if (await tx.insertShipment({ ...none, state: "CANCELLED", createdAt: timeOf(clock) })) return
      const shipment = await tx.lockShipmentOf(orderId)
      if (shipment?.state === "WAITING") await tx.changeShipment(shipment.shipmentId, { state: "CANCELLED" })
    })
  }
