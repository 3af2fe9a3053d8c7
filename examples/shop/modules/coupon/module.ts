import { defineModule } from "@hanok/contract"
import { orderContract } from "../order/contract.ts"
import { couponContract } from "./contract.ts"
import { needs } from "./ports.ts"
import { couponRules, couponsOfCustomer } from "./queries/coupons.ts"
import { returnCoupon } from "./reactions/return-coupon.ts"
import { createCouponRule } from "./use-cases/create-coupon-rule.ts"
import { collectCoupon, issueCoupon } from "./use-cases/issue-coupon.ts"
import { redeemCoupon } from "./use-cases/redeem-coupon.ts"

export const couponModule = defineModule({
  contract: couponContract,
  owner: "team-growth",
  listens: { order: orderContract },
  needs,
  handlers: { createCouponRule, couponRules, issueCoupon, collectCoupon, couponsOfCustomer, redeemCoupon },
  reactions: { order: { orderCancelled: returnCoupon } },
})
