import { defineModule } from "@hanok/contract"
import { orderContract } from "../order/contract.ts"
import { giftContract } from "./contract.ts"
import { expireGifts } from "./jobs/expire-gifts.ts"
import { needs } from "./ports.ts"
import { giftByLink, giftsOfOrder } from "./queries/gifts.ts"
import { offerGift, withdrawGifts } from "./reactions/orders.ts"
import { claimGift } from "./use-cases/claim-gift.ts"

export const giftModule = defineModule({
  contract: giftContract,
  owner: "team-gift",
  listens: { order: orderContract },
  needs,
  handlers: { giftsOfOrder, giftByLink, claimGift },
  reactions: { order: { orderPaid: offerGift, orderCancelled: withdrawGifts } },
  jobs: { expireGifts: { everyMs: 1000, run: expireGifts } },
})
