import { timeOf } from "../../../kernel/clock.ts"
import { offerOf } from "../offer.ts"
import type { GiftHandler } from "../ports.ts"

export const claimGift: GiftHandler<"claimGift"> =
  ({ store, events, clock }) =>
  ({ link, address }, context) =>
    store.transaction(context, async (tx) => {
      const gift = await tx.lockGiftByLink(link)
      if (!gift) throw context.refusal("GIFT_NOT_FOUND", {})
      if (gift.state === "CLAIMED") return { ...gift }
      if (gift.state === "CANCELLED") throw context.refusal("GIFT_CANCELLED", {})
      const claimedAt = timeOf(clock)
      // The job that lets gifts expire may be a moment late.
      if (gift.state === "EXPIRED" || gift.expiresAt <= claimedAt) throw context.refusal("GIFT_EXPIRED", { expiredAt: gift.expiresAt })
      const change = { state: "CLAIMED" as const, address, claimedAt }
      await tx.changeGift(gift.giftId, change)
      await events.giftClaimed(tx, { ...offerOf(gift), address, claimedAt }, context)
      return { ...gift, ...change }
    })
