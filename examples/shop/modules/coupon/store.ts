import type { Store } from "@hanok/contract"
import type { Coupon, CouponRule } from "./contract.ts"

export interface StoredCoupon {
  readonly couponId: string
  readonly code: string
  readonly customerId: string
  /** The order that it was redeemed by. */
  readonly orderId: string | null
}

/** What an order has done with a coupon. */
export interface Redemption {
  readonly orderId: string
  /** `NEW`: nothing yet. `RETURNED`: nothing any more, nor will it. */
  readonly state: "NEW" | "REDEEMED" | "RETURNED"
  readonly couponId: string | null
  readonly discountCents: number
}

export interface CouponReads {
  /** In the order of their codes. */
  rules(): Promise<readonly CouponRule[]>
  /** In the order in which they expire; of those that do so together, in that of their ids. */
  couponsOf(customerId: string): Promise<readonly Coupon[]>
}

export interface CouponWrites {
  /** `false` when the code is taken. */
  insertRule(rule: CouponRule): Promise<boolean>
  rule(code: string): Promise<CouponRule | undefined>
  /** Locks the rule, so that coupons of one code are issued one after another. */
  lockRule(code: string): Promise<CouponRule | undefined>
  countCoupons(code: string, customerId: string): Promise<number>
  insertCoupon(coupon: StoredCoupon): Promise<void>
  /** Locks the coupon; `undefined` when there is none. */
  lockCoupon(couponId: string): Promise<StoredCoupon | undefined>
  setOrder(couponId: string, orderId: string | null): Promise<void>
  /** Locks the redemption of an order, a new one when there is none. */
  lockRedemption(orderId: string): Promise<Redemption>
  putRedemption(redemption: Redemption): Promise<void>
}

export type CouponStore = Store<CouponReads, CouponWrites>
