import type { Adapter } from "@hanok/contract"
import { memoryStore, MemoryTable } from "@hanok/runtime"
import type { GiftReads, GiftStore, GiftWrites, StoredGift } from "./store.ts"

const tables = () => ({
  gifts: new MemoryTable<StoredGift, "orderId" | "link">({ orderId: ({ orderId }) => orderId, link: ({ link }) => link }),
})

export const giftStoreInMemory: Adapter<GiftStore> = memoryStore<ReturnType<typeof tables>, GiftReads, GiftWrites>({
  tables,
  read: ({ gifts }) => ({
    giftsOf: async (orderId) => gifts.by("orderId", orderId),
    giftByLink: async (link) => gifts.by("link", link)[0],
    async overdue(now, limit) {
      const late = gifts.all().filter(({ state, expiresAt }) => state === "OFFERED" && expiresAt <= now)
      return late.slice(0, limit).map(({ giftId }) => giftId)
    },
  }),
  write: ({ gifts }, changes) => ({
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
