import type { Context } from "@hanok/contract"
import { timeOf } from "../../../kernel/clock.ts"
import { forEach } from "../../../kernel/each.ts"
import { offerOf } from "../offer.ts"
import type { GiftPorts } from "../ports.ts"

const atOnce = 100

/** Lets gifts expire that nobody has claimed in time. */
export const expireGifts = (ports: GiftPorts) => async (context: Context) => {
  const now = timeOf(ports.clock)
  await forEach(await ports.store.read(context).overdue(now, atOnce), (giftId) => expire(ports, giftId, context))
}

function expire({ store, events }: GiftPorts, giftId: string, context: Context): Promise<void> {
  return store.transaction(context, async (tx) => {
    const gift = await tx.lockGift(giftId)
    // It may have been claimed since.
    if (gift?.state !== "OFFERED") return
    await tx.changeGift(giftId, { state: "EXPIRED" })
    await events.giftExpired(tx, { ...offerOf(gift), expiredAt: gift.expiresAt }, context)
  })
}
