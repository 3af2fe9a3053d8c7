import type { Adapter } from "@hanok/contract"
import { memoryStore, MemoryTable } from "@hanok/runtime"
import type { MemoryChanges } from "@hanok/runtime"
import type { Coupon, CouponRule } from "./contract.ts"
import type { CouponReads, CouponStore, CouponWrites, Redemption, StoredCoupon } from "./store.ts"

const tables = () => ({
  rules: new MemoryTable<CouponRule>(),
  coupons: new MemoryTable<StoredCoupon, "customerId">({ customerId: ({ customerId }) => customerId }),
  redemptions: new MemoryTable<Redemption>(),
})
type Tables = ReturnType<typeof tables>

export const couponStoreInMemory: Adapter<CouponStore> = memoryStore<Tables, CouponReads, CouponWrites>({
  tables,
  read: reads,
  write: writes,
})

function reads({ rules, coupons }: Tables): CouponReads {
  return {
    rules: async () => rules.all().toSorted((one, other) => (one.code < other.code ? -1 : 1)),
    async couponsOf(customerId) {
      const owned = coupons.by("customerId", customerId).flatMap((coupon) => {
        const rule = rules.get(coupon.code)
        return rule ? [{ ...rule, ...coupon, redeemed: coupon.orderId !== null }] : []
      })
      return owned.toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1))
    },
  }
}

function placeOf({ validUntil, couponId }: Coupon): string {
  return `${validUntil} ${couponId}`
}

function writes({ rules, coupons, redemptions }: Tables, changes: MemoryChanges): CouponWrites {
  return {
    async insertRule(rule) {
      if (rules.get(rule.code)) return false
      changes.put(rules, rule.code, rule)
      return true
    },
    rule: async (code) => rules.get(code),
    lockRule: async (code) => rules.get(code),
    countCoupons: async (code, customerId) => coupons.by("customerId", customerId).filter((coupon) => coupon.code === code).length,
    insertCoupon: async (coupon) => changes.put(coupons, coupon.couponId, coupon),
    lockCoupon: async (couponId) => coupons.get(couponId),
    async setOrder(couponId, orderId) {
      const coupon = coupons.get(couponId)
      if (coupon) changes.put(coupons, couponId, { ...coupon, orderId })
    },
    lockRedemption: async (orderId) => redemptions.get(orderId) ?? { orderId, state: "NEW", couponId: null, discountCents: 0 },
    putRedemption: async (redemption) => changes.put(redemptions, redemption.orderId, redemption),
  }
}
