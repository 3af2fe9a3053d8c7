import type { Effects } from "./effect.ts"
import { holds, times } from "./effect.ts"
import type { Facts, OrderFact } from "./facts.ts"
import type { Finding } from "./finding.ts"

type Gift = Facts["gifts"][number]

/** A paid order that is a gift is one gift, of which everybody was told who is to know. */
export function checkGifts(order: OrderFact, effects: Effects): readonly Finding[] {
  const { orderId, isGift, wasPaid } = order
  const gifts = effects.gifts(orderId)
  return [
    ...times(isGift && wasPaid ? 1 : 0, gifts.length, `the gift of ${orderId}`),
    ...gifts.flatMap((gift) => [messagesOf(gift, effects), agreementOf(gift, order)].flat()),
  ]
}

function messagesOf({ giftId, state }: Gift, { messages }: Effects): readonly Finding[] {
  return [
    ...times(1, messages(`offered ${giftId}`), `the message that ${giftId} is offered`),
    ...(state === "EXPIRED" ? times(1, messages(`expired ${giftId}`), `the message that ${giftId} has expired`) : []),
    ...(state === "CLAIMED" ? times(1, messages(`claimed ${giftId}`), `the message that ${giftId} was claimed`) : []),
  ]
}

function agreementOf({ state }: Gift, order: OrderFact): readonly Finding[] {
  const isOver = state === "EXPIRED" || state === "CANCELLED"
  return [
    ...holds(state !== "CLAIMED" || order.wasClaimed, `${order.orderId} does not know that its gift was claimed`),
    ...holds(isOver === (order.state === "CANCELLED"), `the gift of ${order.orderId} is ${state}, the order ${order.state}`),
  ]
}
