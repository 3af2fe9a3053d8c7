import type { Adapter } from "@hanok/contract"
import { memoryStore, MemoryTable } from "@hanok/runtime"
import type { GiftReads, GiftStore, GiftWrites, StoredGift } from "./store.ts"

const tables = () => ({
  withdrawals: new MemoryTable<string>(),
  gifts: new MemoryTable<StoredGift, "orderId" | "link", "offered">(
    { orderId: ({ orderId }) => orderId, link: ({ link }) => link },
    { offered: { key: ({ state }) => (state === "OFFERED" ? state : undefined), order: ({ expiresAt }) => expiresAt } },
  ),
})

export const giftStoreInMemory: Adapter<GiftStore> = memoryStore<ReturnType<typeof tables>, GiftReads, GiftWrites>({
  tables,
  read: ({ gifts }) => ({
    giftsOf: async (orderId) => gifts.by("orderId", orderId),
    giftByLink: async (link) => gifts.by("link", link)[0],
    async overdue(now, limit) {
      const late = gifts.ascending("offered", "OFFERED", now).take(limit)
      return late.map(({ giftId }) => giftId).toArray()
    },
  }),
  write: ({ gifts, withdrawals }, changes) => ({
    withdraw: async (orderId) => changes.put(withdrawals, orderId, orderId),
    isWithdrawn: async (orderId) => withdrawals.get(orderId) !== undefined,
    insertGift: async (gift) => changes.put(gifts, gift.giftId, gift),
    lockGift: async (giftId) => gifts.get(giftId),
    lockGiftByLink: async (link) => gifts.by("link", link)[0],
    lockGiftsOf: async (orderId) => gifts.by("orderId", orderId),
    async changeGift(giftId, change) {
      const gift = gifts.get(giftId)
      if (gift) changes.put(gifts, giftId, { ...gift, ...change })
    },
  }),
})
