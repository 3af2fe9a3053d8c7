import type { Action, Mood } from "../season.ts"
import { gift } from "./gifting.ts"
import { browse, look, lookAtOrders } from "./looking.ts"
import { join } from "./account.ts"
import { collectCoupon } from "./coupons.ts"
import { cancel, order } from "./ordering.ts"
import type { Shopper } from "./shopper.ts"

/** What a shopper does about each action. Rejects with the refusal or fault that stopped it. */
export const actions: Readonly<Record<Action, (shopper: Shopper, mood: Mood) => Promise<unknown>>> = {
  browse,
  look,
  order,
  gift,
  coupon: collectCoupon,
  orders: lookAtOrders,
  cancel,
  join,
}
