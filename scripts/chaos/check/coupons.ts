import type { Facts } from "./facts.ts"
import { grouped } from "./finding.ts"
import type { Finding } from "./finding.ts"
import type { Promised } from "./promised.ts"

/** Each coupon exists once, and was redeemed by one order at most that was not cancelled: the one that it names. */
export function checkCoupons(promised: Promised, { coupons, orders }: Facts): readonly Finding[] {
  const rows = new Map(coupons.map((coupon) => [coupon.couponId, coupon]))
  const owners = new Map(promised.coupons.map(({ couponId, customerId }) => [couponId, customerId]))
  const liveOf = grouped(
    orders.filter(({ state, couponId }) => couponId !== null && state !== "CANCELLED"),
    ({ couponId }) => couponId ?? "",
  )
  return [
    ...promised.coupons.filter(({ couponId }) => !rows.has(couponId)).map(({ couponId }) => off(`the coupon ${couponId} does not exist`)),
    ...coupons.filter(({ couponId }) => !owners.has(couponId)).map(({ couponId }) => off(`nobody was told of the coupon ${couponId}`)),
    ...coupons.flatMap(({ couponId }) => {
      const others = liveOf(couponId).filter(({ customerId }) => customerId !== owners.get(couponId))
      return others.map(({ orderId }) => off(`the coupon ${couponId} was used by ${orderId}, which is somebody else's`))
    }),
    ...coupons.flatMap(({ couponId, orderId }) => {
      const live = liveOf(couponId).map((order) => order.orderId)
      const isRight = live.length === 0 ? orderId === null : live.length === 1 && live[0] === orderId
      return isRight ? [] : [off(`the coupon ${couponId} says ${orderId ?? "no order"}; used by ${live.join(" and ") || "none"}`)]
    }),
  ]
}

function off(what: string): Finding {
  return { measure: "coupons_off", amount: 1, what }
}
