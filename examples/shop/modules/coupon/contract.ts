import { command, defineContract, query, refusal } from "@hanok/contract"
import { z } from "zod"
import { Id } from "../../kernel/id.ts"
import { AmountCents, PriceCents } from "../../kernel/money.ts"
import { text } from "../../kernel/text.ts"

const Code = z.string().regex(/^[A-Z0-9-]{3,30}$/)

export const Discount = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("percentage"), percent: z.int().min(1).max(100), atMostCents: PriceCents }),
  z.object({ kind: z.literal("amount"), amountCents: PriceCents.min(1) }),
])
export type Discount = z.infer<typeof Discount>

/** What the coupons of one code are worth, and when. */
export const CouponRule = z
  .object({
    code: Code,
    name: text(100),
    discount: Discount,
    minimumOrderCents: AmountCents.max(1_000_000_000),
    validUntil: z.iso.datetime().refine((time) => time > "2000", "must be after the year 2000"),
    /** How many each customer may have. */
    perCustomer: z.int().min(1).max(100),
  })
  .meta({ title: "CouponRule" })
export type CouponRule = z.infer<typeof CouponRule>

export const Coupon = CouponRule.omit({ perCustomer: true })
  .extend({ couponId: Id, customerId: Id, redeemed: z.boolean() })
  .meta({ title: "Coupon" })
export type Coupon = z.infer<typeof Coupon>

const expired = { COUPON_EXPIRED: z.object({ expiredAt: z.iso.datetime() }) }
const issuing = {
  COUPON_RULE_NOT_FOUND: refusal(z.object({}), { status: 404 }),
  COUPON_LIMIT_REACHED: z.object({ perCustomer: z.int() }),
  ...expired,
}
const admins = { anyOf: ["admin"] } as const

export const couponContract = defineContract("coupon", {
  createCouponRule: command({
    summary: "Makes a code under which coupons are issued.",
    input: CouponRule,
    output: CouponRule,
    refusals: { COUPON_CODE_TAKEN: z.object({}) },
    http: "POST /coupon-rules",
    access: admins,
  }),
  couponRules: query({
    summary: "All codes, in the order of their names.",
    input: z.object({}),
    output: z.array(CouponRule),
    http: "GET /coupon-rules",
    access: admins,
  }),
  issueCoupon: command({
    summary: "Gives a customer a coupon.",
    input: z.object({ code: Code, customerId: Id }),
    output: Coupon,
    refusals: issuing,
    http: "POST /coupon-rules/{code}/coupons",
    access: admins,
  }),
  collectCoupon: command({
    summary: "Gives the caller a coupon of that code.",
    input: z.object({ code: Code }),
    output: Coupon,
    refusals: issuing,
    http: "POST /me/coupons",
  }),
  couponsOfCustomer: query({
    summary: "The caller's coupons, in the order in which they expire.",
    input: z.object({}),
    output: z.array(Coupon),
    http: "GET /me/coupons",
  }),
  /** Safe to repeat. A coupon is redeemed by one order; when that is cancelled, it can be redeemed again. */
  redeemCoupon: command({
    summary: "Uses a coupon for an order, for other modules.",
    input: z.object({ couponId: Id, customerId: Id, orderId: Id, totalCents: AmountCents }),
    output: z.object({ discountCents: AmountCents }),
    refusals: {
      COUPON_NOT_FOUND: z.object({}),
      COUPON_ALREADY_REDEEMED: z.object({}),
      COUPON_MINIMUM_NOT_REACHED: z.object({ minimumOrderCents: AmountCents }),
      ORDER_CANCELLED: z.object({}),
      ...expired,
    },
    priority: "high",
  }),
})
