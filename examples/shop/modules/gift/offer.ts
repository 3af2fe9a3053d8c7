import type { StoredGift } from "./store.ts"

/** What all events of a gift say. */
export function offerOf({ giftId, orderId, senderId, recipientName }: StoredGift) {
  return { giftId, orderId, senderId, recipientName }
}
