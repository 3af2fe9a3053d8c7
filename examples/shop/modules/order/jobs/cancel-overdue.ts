import type { Context } from "@hanok/contract"
import { secondsAfter, timeOf } from "../../../kernel/clock.ts"
import { forEach } from "../../../kernel/each.ts"
import { cancel, isCancellable } from "../cancel.ts"
import type { OrderPorts } from "../ports.ts"

const atOnce = 100

/** Cancels orders that were not paid in time, and those whose placing nobody has finished. */
export const cancelOverdue = (ports: OrderPorts) => async (context: Context) => {
  const now = timeOf(ports.clock)
  const { placeWithinSeconds, payWithinSeconds } = ports.patience
  const before = { placing: secondsAfter(now, -placeWithinSeconds), unpaid: secondsAfter(now, -payWithinSeconds) }
  await forEach(await ports.store.read(context).overdue(before, atOnce), (orderId) => cancelOne(ports, orderId, context))
}

function cancelOne(ports: OrderPorts, orderId: string, context: Context): Promise<void> {
  return ports.store.transaction(context, async (tx) => {
    const order = await tx.lockOrder(orderId)
    // It may have been paid since.
    if (!order || order.state === "PAID" || !isCancellable(order)) return
    await cancel(ports, tx, order, order.state === "PLACING" ? "NOT_PLACED" : "UNPAID", context)
  })
}
