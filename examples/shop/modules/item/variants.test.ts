import * as fc from "fast-check"
import { expect, test } from "vitest"
import { countVariants, variantsOf, variantWith, withOptionIds } from "./variants.ts"

const option = fc.record({ name: fc.string({ minLength: 1 }), extraPriceCents: fc.nat(10_000) })
const groups = fc.array(fc.record({ name: fc.string(), options: fc.array(option, { minLength: 1, maxLength: 5 }) }), { maxLength: 3 })

function itemWith(newGroups: Parameters<typeof withOptionIds>[0]) {
  return { itemId: "i", basePriceCents: 1000, optionGroups: withOptionIds(newGroups) }
}

test("there is one variant for each choice, each with a stock-keeping unit of its own", () => {
  fc.assert(
    fc.property(groups, (newGroups) => {
      const variants = variantsOf(itemWith(newGroups))
      expect(new Set(variants.map(({ sku }) => sku)).size).toBe(countVariants(newGroups))
    }),
  )
})

test("a variant costs the base price and what its options add", () => {
  fc.assert(
    fc.property(groups, (newGroups) => {
      const item = itemWith(newGroups)
      const extraOf = new Map(item.optionGroups.flatMap(({ options }) => options.map((one) => [one.optionId, one.extraPriceCents])))
      for (const { optionIds, priceCents } of variantsOf(item)) {
        expect(priceCents).toBe(1000 + optionIds.reduce((sum, id) => sum + (extraOf.get(id) ?? Number.NaN), 0))
      }
    }),
  )
})

test("a variant is found by its options in any order, and by nothing less", () => {
  const colours = {
    name: "Colour",
    options: [
      { name: "white", extraPriceCents: 0 },
      { name: "celadon", extraPriceCents: 500 },
    ],
  }
  const sizes = { name: "Size", options: [{ name: "small", extraPriceCents: 0 }] }
  const variants = variantsOf(itemWith([colours, sizes]))
  expect(variantWith(variants, ["2-1", "1-2"])).toMatchObject({ label: "celadon, small", priceCents: 1500, sku: "i.1-2.2-1" })
  expect(variantWith(variants, ["1-2"])).toBeUndefined()
})

test("an item without options has one variant", () => {
  expect(variantsOf(itemWith([]))).toEqual([{ sku: "i", optionIds: [], label: "", priceCents: 1000 }])
})
