import { refusalOf } from "@hanok/contract"
import { orderContract } from "../../order/contract.ts"
import { lockHandled } from "../handling.ts"
import type { DeliveryHandler, DeliveryPorts, MovingContext } from "../ports.ts"

/** Whether the order may still be cancelled is decided by order alone, so it is told before anything is packed. */
export const prepareShipment: DeliveryHandler<"prepareShipment"> =
  (ports) =>
  async ({ shipmentId }, context) => {
    const orderId = await orderOfWaiting(ports, shipmentId, context)
    const mayBegin = orderId === null || (await startPreparing(ports, orderId, context))
    return ports.store.transaction(context, async (tx) => {
      const shipment = await lockHandled(tx, shipmentId, context)
      const isCancelled = shipment.state === "CANCELLED" || (shipment.state === "WAITING" && !mayBegin)
      if (isCancelled) throw context.refusal("SHIPMENT_NOT_READY", { state: "CANCELLED" })
      // Somebody else was faster.
      if (shipment.state !== "WAITING") return { ...shipment }
      await tx.changeShipment(shipmentId, { state: "PREPARING" })
      return { ...shipment, state: "PREPARING" as const }
    })
  }

function orderOfWaiting({ store }: DeliveryPorts, shipmentId: string, context: MovingContext): Promise<string | null> {
  return store.transaction(context, async (tx) => {
    const { orderId, state } = await lockHandled(tx, shipmentId, context)
    if (state === "PREPARING") return null
    if (state !== "WAITING") throw context.refusal("SHIPMENT_NOT_READY", { state })
    return orderId
  })
}

// `false` when the order is cancelled, or further on.
async function startPreparing({ order }: DeliveryPorts, orderId: string, context: MovingContext): Promise<boolean> {
  try {
    await order.startPreparing({ orderId }, context)
    return true
  } catch (error) {
    if (refusalOf(orderContract, "startPreparing", error)) return false
    throw error
  }
}
