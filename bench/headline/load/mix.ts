import { isFault, isRefusal } from "@hanok/contract"
import type { ShopApi } from "../../../examples/shop/load/api.ts"
import type { Actor } from "../../../examples/shop/load/crowd.ts"
import type { Random } from "../../../examples/shop/load/random.ts"
import type { Mood } from "../../../examples/shop/load/season.ts"
import type { Account } from "../../../examples/shop/load/shopping/account.ts"
import { browse, look, lookAtOrders } from "../../../examples/shop/load/shopping/looking.ts"
import { order } from "../../../examples/shop/load/shopping/ordering.ts"
import type { Shopper } from "../../../examples/shop/load/shopping/shopper.ts"

/** The shop's usual mood, without registering and signing in, which are made to be slow. */
const weights = { browse: 45, look: 34, order: 9, orders: 7 }
const actions = { browse, look, order, orders: lookAtOrders }

/** What the actions of the shop's load generator are told of the moment. */
export const mood: Mood = { weights: { ...weights, gift: 0, coupon: 0, cancel: 0, join: 0 }, thinkMs: 0, crowding: false }

/** A customer who looks around mostly and orders sometimes. */
export function createMixCustomer(api: ShopApi, random: Random, account: Account | undefined): Actor {
  const shopper: Shopper = {
    api,
    random,
    name: "load",
    joined: 0,
    account,
    seen: [],
    orderIds: [],
    giftOrderIds: [],
    couponIds: [],
  }
  return {
    async act() {
      try {
        await actions[random.weighted(weights)](shopper, mood)
      } catch (error) {
        // Counted where requests are.
        if (!isFault(error) && !isRefusal(error)) throw error
      }
    },
  }
}
