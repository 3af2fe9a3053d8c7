import { couponContract } from "../../modules/coupon/contract.ts"
import { accountOf } from "./account.ts"
import { remember } from "./shopper.ts"
import type { Shopper } from "./shopper.ts"

/** Of the shop's seed. */
const codes = ["WELCOME10", "SPRING5"]

/** Collects a coupon for a later order; most have theirs already. Then looks at its coupons. */
export async function collectCoupon(shopper: Shopper): Promise<void> {
  const { api, random } = shopper
  const { token } = await accountOf(shopper)
  const code = random.pick(codes) ?? ""
  const { couponId } = await api.call(couponContract, "collectCoupon", { code }, { token })
  shopper.couponIds = remember(shopper.couponIds, couponId)
  await api.call(couponContract, "couponsOfCustomer", {}, { token })
}
