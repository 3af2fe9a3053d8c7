import { randomBytes } from "node:crypto"
import type { EventPayload, Reaction } from "@hanok/contract"
import { secondsAfter } from "../../../kernel/clock.ts"
import type { orderContract } from "../../order/contract.ts"
import { offerOf } from "../offer.ts"
import type { GiftPorts } from "../ports.ts"
import type { StoredGift } from "../store.ts"

type OrderPaid = EventPayload<(typeof orderContract)["declarations"]["orderPaid"]>

/** A paid order that is a gift becomes one that can be claimed, unless it was cancelled before this came in. */
export const offerGift =
  ({ store, events }: GiftPorts): Reaction<typeof orderContract, "orderPaid"> =>
  async (order, context) => {
    if (order.giftTo === null) return
    const gift = giftOf(order, order.giftTo, context.newId())
    await store.transaction(context, async (tx) => {
      if (await tx.isWithdrawn(order.orderId)) return
      const { recipientPhone, message, link, expiresAt } = gift
      await tx.insertGift(gift)
      await events.giftOffered(tx, { ...offerOf(gift), recipientPhone, message, link, expiresAt }, context)
    })
  }

/** Nobody can claim the gift of an order that was cancelled. */
export const withdrawGifts =
  ({ store }: GiftPorts): Reaction<typeof orderContract, "orderCancelled"> =>
  async ({ orderId, stateBefore }, context) => {
    if (stateBefore !== "PAID") return
    await store.transaction(context, async (tx) => {
      await tx.withdraw(orderId)
      const gifts = await tx.lockGiftsOf(orderId)
      for (const { giftId, state } of gifts) if (state !== "EXPIRED") await tx.changeGift(giftId, { state: "CANCELLED" })
    })
  }

function giftOf({ orderId, customerId, lines, paidAt }: OrderPaid, giftTo: NonNullable<OrderPaid["giftTo"]>, giftId: string): StoredGift {
  const { claimWithinSeconds, ...recipient } = giftTo
  return {
    giftId,
    orderId,
    senderId: customerId,
    link: randomBytes(18).toString("base64url"),
    ...recipient,
    itemNames: lines.map(({ name }) => name),
    state: "OFFERED",
    address: null,
    expiresAt: secondsAfter(paidAt, claimWithinSeconds),
    claimedAt: null,
  }
}
