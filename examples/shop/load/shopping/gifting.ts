import { giftContract } from "../../modules/gift/contract.ts"
import type { Mood } from "../season.ts"
import { accountOf } from "./account.ts"
import { pay, place } from "./ordering.ts"
import { remember } from "./shopper.ts"
import type { Shopper } from "./shopper.ts"

/** Hands on the gift that it has paid for, when there is one; else orders one. */
export async function gift(shopper: Shopper, mood: Mood): Promise<void> {
  const [orderId, ...others] = shopper.giftOrderIds
  if (orderId === undefined) return order(shopper, mood)
  shopper.giftOrderIds = others
  await handOn(shopper, orderId)
}

async function order(shopper: Shopper, mood: Mood): Promise<void> {
  const giftTo = { recipientName: `A friend of ${shopper.name}`, recipientPhone: "010-1111-1111", message: "For you!" }
  const placed = await place(shopper, mood, { giftTo })
  if (placed && (await pay(shopper, placed))) shopper.giftOrderIds = remember(shopper.giftOrderIds, placed.orderId)
}

// Most friends open the link and say where they live. Some let it expire.
async function handOn(shopper: Shopper, orderId: string): Promise<void> {
  const { api, random, name } = shopper
  const claims = random.chance(0.85)
  const { token } = await accountOf(shopper)
  const [offered] = await api.call(giftContract, "giftsOfOrder", { orderId }, { token })
  if (!offered) return
  const { link } = offered
  await api.call(giftContract, "giftByLink", { link })
  const address = { recipient: `A friend of ${name}`, phone: "010-1111-1111", postalCode: "03001", street: "2 Bukchon-ro", detail: "Yard" }
  if (claims) await api.call(giftContract, "claimGift", { link, address })
}
