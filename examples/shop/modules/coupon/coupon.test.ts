import { defineAdapter, refusalOf } from "@hanok/contract"
import { createSlice } from "@hanok/testkit"
import type { Slice } from "@hanok/testkit"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { Clock } from "../../kernel/clock.ts"
import { orderContract } from "../order/contract.ts"
import { couponContract } from "./contract.ts"
import type { CouponRule } from "./contract.ts"
import { couponModule } from "./module.ts"
import { couponStoreInMemory } from "./store.memory.ts"

const customer = { identity: { subject: "c", roles: ["customer"] } }
const welcome: CouponRule = {
  code: "WELCOME",
  name: "Welcome",
  discount: { kind: "percentage", percent: 10, atMostCents: 5000 },
  minimumOrderCents: 1000,
  validUntil: "2099-01-01T00:00:00.000Z",
  perCustomer: 1,
}
let slice: Slice

beforeEach(async () => {
  slice = await createSlice(couponModule, { needs: { store: couponStoreInMemory } })
})
afterEach(() => slice.close())

const coupons = () => slice.client(couponContract)
const cancelled = (orderId: string, couponId: string) =>
  slice.tell(orderContract, "orderCancelled", {
    orderId,
    customerId: "c",
    reason: "CUSTOMER",
    stateBefore: "INIT",
    couponId,
    totalCents: 0,
  })

async function issued(rule: Partial<CouponRule> = {}): Promise<string> {
  await coupons().createCouponRule({ ...welcome, ...rule })
  return (await coupons().collectCoupon({ code: rule.code ?? welcome.code }, customer)).couponId
}

const redeem = (couponId: string, orderId = "o", totalCents = 20_000) =>
  coupons().redeemCoupon({ couponId, customerId: "c", orderId, totalCents })

async function codeOf(call: Promise<unknown>) {
  const error = await call.catch((caught: unknown) => caught)
  return (refusalOf(couponContract, "redeemCoupon", error) ?? refusalOf(couponContract, "collectCoupon", error))?.code
}

test("a coupon takes off what its rule says, and shows as redeemed", async () => {
  const couponId = await issued()
  expect(await redeem(couponId)).toEqual({ discountCents: 2000 })
  expect(await coupons().couponsOfCustomer({}, customer)).toMatchObject([{ couponId, redeemed: true }])
})

test("a coupon is redeemed once, also by ten orders at once", async () => {
  const couponId = await issued()
  const outcomes = await Promise.allSettled(Array.from({ length: 10 }, (_, number) => redeem(couponId, `o${number}`)))
  expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBe(1)
})

test("redeeming again for the same order gives the same discount", async () => {
  const couponId = await issued()
  expect([await redeem(couponId), await redeem(couponId)]).toEqual([{ discountCents: 2000 }, { discountCents: 2000 }])
})

test("the coupon of a cancelled order can be redeemed again, by another order", async () => {
  const couponId = await issued()
  await redeem(couponId, "o1")
  await cancelled("o1", couponId)
  expect(await codeOf(redeem(couponId, "o1"))).toBe("ORDER_CANCELLED")
  expect(await redeem(couponId, "o2")).toEqual({ discountCents: 2000 })
})

test("a redemption that comes after its order was cancelled is refused", async () => {
  const couponId = await issued()
  await cancelled("o", couponId)
  expect(await codeOf(redeem(couponId))).toBe("ORDER_CANCELLED")
})

test("somebody else's coupon, one that is over, and one that asks for more are refused", async () => {
  const couponId = await issued({ minimumOrderCents: 30_000 })
  expect(await codeOf(coupons().redeemCoupon({ couponId, customerId: "other", orderId: "o", totalCents: 20_000 }))).toBe("COUPON_NOT_FOUND")
  expect(await codeOf(redeem(couponId))).toBe("COUPON_MINIMUM_NOT_REACHED")
  expect(await codeOf(issued({ code: "LATE", validUntil: "2020-01-01T00:00:00.000Z" }))).toBe("COUPON_EXPIRED")
})

test("each customer has as many coupons of a code as its rule allows", async () => {
  await issued({ perCustomer: 2 })
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => coupons().collectCoupon({ code: "WELCOME" }, customer)))
  expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBe(1)
})

test("a code is taken once", async () => {
  await coupons().createCouponRule(welcome)
  const error = await coupons()
    .createCouponRule(welcome)
    .catch((caught: unknown) => caught)
  expect(refusalOf(couponContract, "createCouponRule", error)?.code).toBe("COUPON_CODE_TAKEN")
})

test("a rule's time is kept as all times are, whatever its fractions of a second", async () => {
  const times = { A10: "2098-01-01T00:00:00Z", B10: "2098-01-01T00:00:00.5Z", C10: "9999-12-31T23:59:59.9999999Z" }
  for (const [code, validUntil] of Object.entries(times)) await issued({ code, validUntil })
  const asKept = ["2098-01-01T00:00:00.000Z", "2098-01-01T00:00:00.500Z", "9999-12-31T23:59:59.999Z"]
  expect((await coupons().couponRules({})).map(({ validUntil }) => validUntil)).toEqual(asKept)
  expect((await coupons().couponsOfCustomer({}, customer)).map(({ validUntil }) => validUntil)).toEqual(asKept)
})

test("a coupon is over at its time, also within the same second", async () => {
  const clock = defineAdapter<Clock>("clock that stands still", () => ({ now: () => new Date("2026-05-01T12:00:00.500Z") }))
  await slice.close()
  slice = await createSlice(couponModule, { needs: { store: couponStoreInMemory, clock } })
  expect(await codeOf(issued({ validUntil: "2026-05-01T12:00:00Z" }))).toBe("COUPON_EXPIRED")
})

test("at the very time that ends a coupon it is over, and the very minimum of its rule is enough", async () => {
  let now = "2026-05-01T11:59:59.999Z"
  const clock = defineAdapter<Clock>("clock at hand", () => ({ now: () => new Date(now) }))
  await slice.close()
  slice = await createSlice(couponModule, { needs: { store: couponStoreInMemory, clock } })
  const rule = { validUntil: "2026-05-01T12:00:00.000Z", minimumOrderCents: 20_000, perCustomer: 3 }
  const [first, second] = [await issued(rule), (await coupons().collectCoupon({ code: welcome.code }, customer)).couponId]
  expect(await redeem(first, "o1", 20_000)).toEqual({ discountCents: 2000 })
  now = rule.validUntil
  expect(await codeOf(redeem(second, "o2"))).toBe("COUPON_EXPIRED")
  expect(await codeOf(coupons().collectCoupon({ code: welcome.code }, customer))).toBe("COUPON_EXPIRED")
})

test("an order that was refused another's coupon does not return it when it is cancelled", async () => {
  const couponId = await issued()
  await redeem(couponId, "first")
  expect(await codeOf(redeem(couponId, "second"))).toBe("COUPON_ALREADY_REDEEMED")
  await cancelled("second", couponId)
  expect(await codeOf(redeem(couponId, "third"))).toBe("COUPON_ALREADY_REDEEMED")
})
