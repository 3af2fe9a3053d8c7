import type { OrderHandler } from "../ports.ts"
import { visible } from "../visible.ts"

export const startPreparing: OrderHandler<"startPreparing"> =
  ({ store }) =>
  ({ orderId }, context) =>
    store.transaction(context, async (tx) => {
      const order = visible(await tx.lockOrder(orderId))
      if (!order) throw context.refusal("ORDER_NOT_FOUND", {})
      if (order.state === "PREPARING") return {}
      if (order.state !== "PAID") throw context.refusal("ORDER_NOT_PREPARABLE", { state: order.state })
      await tx.changeOrder(orderId, { state: "PREPARING" })
      return {}
    })
