import { lockHandled } from "../handling.ts"
import type { DeliveryHandler } from "../ports.ts"

export const completeDelivery: DeliveryHandler<"completeDelivery"> =
  ({ store, events }) =>
  ({ shipmentId }, context) =>
    store.transaction(context, async (tx) => {
      const shipment = await lockHandled(tx, shipmentId, context)
      const { state, orderId, customerId, trackingNumber } = shipment
      if (state === "DELIVERED") return { ...shipment }
      if (state !== "SHIPPED") throw context.refusal("SHIPMENT_NOT_READY", { state })
      await tx.changeShipment(shipmentId, { state: "DELIVERED" })
      await events.shipmentDelivered(tx, { shipmentId, orderId, customerId, trackingNumber: trackingNumber ?? "" }, context)
      return { ...shipment, state: "DELIVERED" as const }
    })
