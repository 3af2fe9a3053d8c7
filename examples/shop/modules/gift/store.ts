import type { Store } from "@hanok/contract"
import type { Address } from "../../kernel/address.ts"
import type { Gift } from "./contract.ts"

/** A gift as it is kept. */
export interface StoredGift extends Gift {
  readonly senderId: string
  readonly recipientPhone: string
  readonly itemNames: string[]
  readonly address: Address | null
}

export interface GiftReads {
  giftsOf(orderId: string): Promise<readonly StoredGift[]>
  giftByLink(link: string): Promise<StoredGift | undefined>
  /** The ids of gifts that wait although their time was over by `now`. */
  overdue(now: string, limit: number): Promise<readonly string[]>
}

export interface GiftWrites {
  /** From now on the order offers no gift. Safe to repeat. */
  withdraw(orderId: string): Promise<void>
  isWithdrawn(orderId: string): Promise<boolean>
  insertGift(gift: StoredGift): Promise<void>
  /** Each locks what it finds. */
  lockGift(giftId: string): Promise<StoredGift | undefined>
  lockGiftByLink(link: string): Promise<StoredGift | undefined>
  lockGiftsOf(orderId: string): Promise<readonly StoredGift[]>
  changeGift(giftId: string, change: Partial<Pick<StoredGift, "state" | "address" | "claimedAt">>): Promise<void>
}

export type GiftStore = Store<GiftReads, GiftWrites>
