import { subjectOf } from "../../../kernel/subject.ts"
import { cancel, isCancellable } from "../cancel.ts"
import type { OrderHandler } from "../ports.ts"
import { visibleTo } from "../visible.ts"

export const cancelOrder: OrderHandler<"cancelOrder"> =
  (ports) =>
  ({ orderId }, context) =>
    ports.store.transaction(context, async (tx) => {
      const stored = await tx.lockOrder(orderId)
      const order = visibleTo(stored, subjectOf(context))
      if (!stored || !order) throw context.refusal("ORDER_NOT_FOUND", {})
      if (order.state === "CANCELLED") return order
      if (!isCancellable(stored)) throw context.refusal("ORDER_NOT_CANCELLABLE", { state: order.state })
      return cancel(ports, tx, stored, "CUSTOMER", context)
    })
