import * as fc from "fast-check"
import { expect, test } from "vitest"
import type { Discount } from "./contract.ts"
import { discountOf } from "./discount.ts"

const percentage = fc.record({
  kind: fc.constant("percentage" as const),
  percent: fc.integer({ min: 1, max: 100 }),
  atMostCents: fc.nat(1e8),
})
const amount = fc.record({ kind: fc.constant("amount" as const), amountCents: fc.integer({ min: 1, max: 1e8 }) })
const anyDiscount: fc.Arbitrary<Discount> = fc.oneof(percentage, amount)

test("a discount is a whole number of cents between nothing and the total", () => {
  fc.assert(
    fc.property(anyDiscount, fc.nat(1e12), (discount, totalCents) => {
      const cents = discountOf(discount, totalCents)
      expect(Number.isInteger(cents) && cents >= 0 && cents <= totalCents).toBe(true)
    }),
  )
})

test("a higher total is never discounted less", () => {
  fc.assert(
    fc.property(anyDiscount, fc.nat(1e9), fc.nat(1e9), (discount, one, more) => {
      expect(discountOf(discount, one + more)).toBeGreaterThanOrEqual(discountOf(discount, one))
    }),
  )
})

test("a percentage is rounded down, and limited", () => {
  const discount = { kind: "percentage", percent: 15, atMostCents: 500 } as const
  expect([999, 3333, 100_000].map((totalCents) => discountOf(discount, totalCents))).toEqual([149, 499, 500])
})
