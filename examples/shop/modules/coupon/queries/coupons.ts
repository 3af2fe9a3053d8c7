import { subjectOf } from "../../../kernel/subject.ts"
import type { CouponHandler } from "../ports.ts"

export const couponRules: CouponHandler<"couponRules"> =
  ({ store }) =>
  async (_, context) => [...(await store.read(context).rules())]

export const couponsOfCustomer: CouponHandler<"couponsOfCustomer"> =
  ({ store }) =>
  async (_, context) => [...(await store.read(context).couponsOf(subjectOf(context)))]
