import * as fc from "fast-check"
import { expect, test } from "vitest"
import { Numbering } from "./numbering.ts"

const made = fc.constantFrom("id" as const, "gift.claim" as const, "order.pay" as const)
const work = fc.array(fc.oneof(made, fc.array(made, { maxLength: 6, size: "max" })), { maxLength: 15, size: "max" })

/** Carries out keyed work: identifiers, commands it calls, and transactions, in which it does the same. Those kept before are not run. */
function carryOut(list: readonly (string | readonly string[])[], kept: ReadonlySet<number>): ReadonlyMap<string, string> {
  const numbering = new Numbering("key")
  const found = new Map<string, string>()
  const make = (what: string, place: string) => found.set(place, what === "id" ? numbering.newId() : numbering.nextChildKey(what))
  list.forEach((one, index) => {
    if (typeof one === "string") return make(one, String(index))
    const step = numbering.nextStep()
    if (!kept.has(step)) one.forEach((what, inner) => make(what, `${index}.${inner}`))
    numbering.endStep()
  })
  return found
}

test("all that keyed work makes has a name of its own, and the same one when it is done again, whatever of it was kept before", () => {
  fc.assert(
    fc.property(work, fc.uniqueArray(fc.nat(15)), (list, kept) => {
      const first = carryOut(list, new Set())
      expect(new Set(first.values()).size).toBe(first.size)
      for (const [place, name] of carryOut(list, new Set(kept))) expect(name).toBe(first.get(place))
    }),
  )
})

test("a key that has grown long is shortened, and still nobody else's", () => {
  const numbering = new Numbering("k".repeat(500))
  const keys = Array.from({ length: 10 }, () => numbering.nextChildKey("gift.claim"))
  expect(new Set(keys).size).toBe(10)
  expect(Math.max(...keys.map(({ length }) => length))).toBeLessThanOrEqual(200)
})
