import type { CouponHandler } from "../ports.ts"

export const createCouponRule: CouponHandler<"createCouponRule"> =
  ({ store }) =>
  async ({ validUntil, ...rest }, context) => {
    // With milliseconds, as times are compared; what is finer a database would round up, in the end to the year 10000.
    const rule = { ...rest, validUntil: new Date(validUntil).toISOString() }
    const inserted = await store.transaction(context, (tx) => tx.insertRule(rule))
    if (!inserted) throw context.refusal("COUPON_CODE_TAKEN", {})
    return rule
  }
