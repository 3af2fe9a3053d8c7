import { subjectOf } from "../../../kernel/subject.ts"
import type { GiftHandler } from "../ports.ts"

export const giftsOfOrder: GiftHandler<"giftsOfOrder"> =
  ({ store }) =>
  async ({ orderId }, context) => {
    const gifts = await store.read(context).giftsOf(orderId)
    return gifts.filter(({ senderId }) => senderId === subjectOf(context))
  }

export const giftByLink: GiftHandler<"giftByLink"> =
  ({ store }) =>
  async ({ link }, context) => {
    const gift = await store.read(context).giftByLink(link)
    if (!gift) throw context.refusal("GIFT_NOT_FOUND", {})
    return gift
  }
