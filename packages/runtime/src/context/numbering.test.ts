import * as fc from "fast-check"
import { expect, test } from "vitest"
import { Numbering } from "./numbering.ts"

const made = fc.constantFrom("id" as const, "gift.claim" as const, "order.pay" as const)
const transaction = fc.array(made, { maxLength: 6, size: "max" })
const sideBySide = fc.array(transaction, { minLength: 1, maxLength: 4, size: "max" })
const work = fc.array(fc.oneof(made, sideBySide), { maxLength: 15, size: "max" })

/**
 * Carries out keyed work: identifiers, commands it calls, and transactions, some of them side by side, in which it does the same. Those
 * kept before are not run. Which of those side by side goes on next is said by `turns`.
 */
function carryOut(
  list: readonly (string | readonly (readonly string[])[])[],
  kept: ReadonlySet<number>,
  turns: readonly number[],
): ReadonlyMap<string, string> {
  const numbering = new Numbering("key")
  const found = new Map<string, string>()
  const make = (what: string, place: string, step?: number) =>
    found.set(place, what === "id" ? numbering.newId(step) : numbering.nextChildKey(what, step))
  const left = [...turns]
  list.forEach((one, index) => {
    if (typeof one === "string") return make(one, String(index))
    let open = one.map((whats, which) => {
      const step = numbering.nextStep()
      return { step, whats: kept.has(step) ? [] : whats.map((what, inner) => ({ what, place: `${index}.${which}.${inner}` })) }
    })
    for (let at = 0; open.length > 0; at = (left.shift() ?? 0) % Math.max(1, open.length)) {
      const [next, ...rest] = open[at]?.whats ?? []
      const { step } = open[at] ?? { step: -1 }
      if (next) make(next.what, next.place, step)
      else numbering.endStep(step)
      open = open.flatMap((each) => (each.step !== step ? [each] : next ? [{ step, whats: rest }] : []))
    }
  })
  return found
}

test("all that keyed work makes has a name of its own, and the same one when it is done again, whatever of it was kept before and which of its transactions was sooner", () => {
  const turns = fc.array(fc.nat(3), { maxLength: 60, size: "max" })
  fc.assert(
    fc.property(work, fc.uniqueArray(fc.nat(15)), turns, turns, (list, kept, turnsBefore, turnsNow) => {
      const first = carryOut(list, new Set(), turnsBefore)
      expect(new Set(first.values()).size).toBe(first.size)
      for (const [place, name] of carryOut(list, new Set(kept), turnsNow)) expect(name).toBe(first.get(place))
    }),
  )
})

test("a key that has grown long is shortened, and still nobody else's", () => {
  const numbering = new Numbering("k".repeat(500))
  const keys = Array.from({ length: 10 }, () => numbering.nextChildKey("gift.claim"))
  expect(new Set(keys).size).toBe(10)
  expect(Math.max(...keys.map(({ length }) => length))).toBeLessThanOrEqual(200)
})
