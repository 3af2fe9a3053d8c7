import type { HandlerContext, HandlerInput, RefusalsOf } from "@hanok/contract"
import { timeOf } from "../../../kernel/clock.ts"
import type { couponContract } from "../contract.ts"
import { discountOf } from "../discount.ts"
import type { CouponHandler } from "../ports.ts"
import type { CouponWrites } from "../store.ts"

type Operation = (typeof couponContract)["declarations"]["redeemCoupon"]
type RedeemContext = HandlerContext<RefusalsOf<Operation>>

export const redeemCoupon: CouponHandler<"redeemCoupon"> =
  ({ store, clock }) =>
  (input, context) =>
    store.transaction(context, async (tx) => {
      const { state, discountCents } = await tx.lockRedemption(input.orderId)
      if (state === "RETURNED") throw context.refusal("ORDER_CANCELLED", {})
      if (state === "REDEEMED") return { discountCents }
      return redeem(tx, input, timeOf(clock), context)
    })

async function redeem(tx: CouponWrites, input: HandlerInput<Operation>, now: string, context: RedeemContext) {
  const { couponId, customerId, orderId, totalCents } = input
  const coupon = await tx.lockCoupon(couponId)
  const rule = coupon && (await tx.rule(coupon.code))
  if (!rule || coupon.customerId !== customerId) throw context.refusal("COUPON_NOT_FOUND", {})
  if (coupon.orderId !== null) throw context.refusal("COUPON_ALREADY_REDEEMED", {})
  const { validUntil, minimumOrderCents } = rule
  if (validUntil <= now) throw context.refusal("COUPON_EXPIRED", { expiredAt: validUntil })
  if (totalCents < minimumOrderCents) throw context.refusal("COUPON_MINIMUM_NOT_REACHED", { minimumOrderCents })
  const discountCents = discountOf(rule.discount, totalCents)
  await tx.setOrder(couponId, orderId)
  await tx.putRedemption({ orderId, state: "REDEEMED", couponId, discountCents })
  return { discountCents }
}
