import type { Reaction } from "@hanok/contract"
import type { giftContract } from "../../gift/contract.ts"
import { cancel, isCancellable } from "../cancel.ts"
import type { OrderPorts } from "../ports.ts"

/** A claimed gift is no longer its sender's to cancel. */
export const noteClaim =
  ({ store }: OrderPorts): Reaction<typeof giftContract, "giftClaimed"> =>
  ({ orderId, claimedAt }, context) =>
    store.transaction(context, (tx) => tx.changeOrder(orderId, { claimedAt }))

/** A gift that nobody claimed is refunded. */
export const cancelExpiredGift =
  (ports: OrderPorts): Reaction<typeof giftContract, "giftExpired"> =>
  ({ orderId }, context) =>
    ports.store.transaction(context, async (tx) => {
      const order = await tx.lockOrder(orderId)
      if (order && isCancellable(order)) await cancel(ports, tx, order, "GIFT_EXPIRED", context)
    })
