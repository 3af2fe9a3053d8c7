import * as fc from "fast-check"
import { expect, test } from "vitest"
import { createHistogram } from "./histogram.ts"

test("a quantile is never less than the true one, and at most 2 % more", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 100_000, noNaN: true }), { minLength: 1 }),
      fc.constantFrom(0.5, 0.95, 0.99),
      (values, part) => {
        const histogram = createHistogram()
        for (const value of values) histogram.add(value)
        const exact = values.toSorted((one, other) => one - other)[Math.ceil(part * values.length) - 1] ?? 0
        const told = histogram.quantile(part)
        expect(told).toBeGreaterThanOrEqual(exact * (1 - 1e-9))
        expect(told).toBeLessThanOrEqual(exact * 1.0201)
      },
    ),
  )
})

test("of nothing, every quantile is 0", () => {
  expect([createHistogram().quantile(0.5), createHistogram().count]).toEqual([0, 0])
})
