import type { HandlerContext, RefusalsOf } from "@hanok/contract"
import { timeOf } from "../../../kernel/clock.ts"
import { subjectOf } from "../../../kernel/subject.ts"
import type { Coupon, couponContract } from "../contract.ts"
import type { CouponHandler, CouponPorts } from "../ports.ts"

export const issueCoupon: CouponHandler<"issueCoupon"> =
  (ports) =>
  ({ code, customerId }, context) =>
    issue(ports, code, customerId, context)

export const collectCoupon: CouponHandler<"collectCoupon"> =
  (ports) =>
  ({ code }, context) =>
    issue(ports, code, subjectOf(context), context)

// Both operations refuse alike.
type IssuingContext = HandlerContext<RefusalsOf<(typeof couponContract)["declarations"]["issueCoupon"]>>

function issue({ store, clock }: CouponPorts, code: string, customerId: string, context: IssuingContext): Promise<Coupon> {
  return store.transaction(context, async (tx) => {
    const rule = await tx.lockRule(code)
    if (!rule) throw context.refusal("COUPON_RULE_NOT_FOUND", {})
    const { perCustomer, validUntil } = rule
    if (validUntil <= timeOf(clock)) throw context.refusal("COUPON_EXPIRED", { expiredAt: validUntil })
    if ((await tx.countCoupons(code, customerId)) >= perCustomer) throw context.refusal("COUPON_LIMIT_REACHED", { perCustomer })
    const coupon = { couponId: context.newId(), code, customerId }
    await tx.insertCoupon({ ...coupon, orderId: null })
    return { ...rule, ...coupon, redeemed: false }
  })
}
