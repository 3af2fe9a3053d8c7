import type { CouponHandler } from "../ports.ts"

export const createCouponRule: CouponHandler<"createCouponRule"> =
  ({ store }) =>
  async (rule, context) => {
    const inserted = await store.transaction(context, (tx) => tx.insertRule(rule))
    if (!inserted) throw context.refusal("COUPON_CODE_TAKEN", {})
    return rule
  }
