import type { Reaction } from "@hanok/contract"
import type { orderContract } from "../../order/contract.ts"
import type { CouponPorts } from "../ports.ts"

/** A cancelled order has used no coupon. A redemption that comes in after this, because it was slow, is refused. */
export const returnCoupon =
  ({ store }: CouponPorts): Reaction<typeof orderContract, "orderCancelled"> =>
  async ({ orderId, couponId }, context) => {
    if (couponId === null) return
    await store.transaction(context, async (tx) => {
      const redemption = await tx.lockRedemption(orderId)
      await tx.putRedemption({ ...redemption, state: "RETURNED" })
      if (redemption.state === "REDEEMED") await tx.setOrder(couponId, null)
    })
  }
