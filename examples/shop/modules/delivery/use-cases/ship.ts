import { lockHandled } from "../handling.ts"
import type { DeliveryHandler } from "../ports.ts"

export const ship: DeliveryHandler<"ship"> =
  ({ store, events }) =>
  ({ shipmentId, trackingNumber }, context) =>
    store.transaction(context, async (tx) => {
      const shipment = await lockHandled(tx, shipmentId, context)
      const { state, orderId, customerId } = shipment
      if (state === "SHIPPED") return { ...shipment }
      if (state !== "PREPARING") throw context.refusal("SHIPMENT_NOT_READY", { state })
      const change = { state: "SHIPPED" as const, trackingNumber }
      await tx.changeShipment(shipmentId, change)
      await events.shipmentShipped(tx, { shipmentId, orderId, customerId, trackingNumber }, context)
      return { ...shipment, ...change }
    })
