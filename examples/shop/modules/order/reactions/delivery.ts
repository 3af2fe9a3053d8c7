import type { Reaction } from "@hanok/contract"
import type { deliveryContract } from "../../delivery/contract.ts"
import type { OrderPorts } from "../ports.ts"

export const markShipped =
  ({ store }: OrderPorts): Reaction<typeof deliveryContract, "shipmentShipped"> =>
  ({ orderId }, context) =>
    store.transaction(context, async (tx) => {
      const order = await tx.lockOrder(orderId)
      if (order?.state === "PREPARING") await tx.changeOrder(orderId, { state: "SHIPPED" })
    })

export const markDelivered =
  ({ store }: OrderPorts): Reaction<typeof deliveryContract, "shipmentDelivered"> =>
  ({ orderId }, context) =>
    store.transaction(context, async (tx) => {
      const order = await tx.lockOrder(orderId)
      // It may be told late that it was shipped.
      if (order?.state === "SHIPPED" || order?.state === "PREPARING") await tx.changeOrder(orderId, { state: "DELIVERY_COMPLETE" })
    })
