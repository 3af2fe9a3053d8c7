import * as fc from "fast-check"
import { expect, test } from "vitest"
import { RecentMap } from "./recent-map.ts"

test("the entries used last are kept, and never more than twice the capacity", () => {
  const uses = fc.array(fc.record({ key: fc.integer({ min: 0, max: 30 }), writes: fc.boolean() }), { maxLength: 200, size: "max" })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), uses, (capacity, steps) => {
      const map = new RecentMap<number, number>(capacity)
      const used: number[] = []
      for (const { key, writes } of steps) {
        if (writes) map.set(key, key)
        else if (map.get(key) === undefined) continue
        used.push(key)
        expect(map.size).toBeLessThanOrEqual(2 * capacity)
      }
      const lastUsed = [...new Set(used.toReversed())].slice(0, capacity)
      for (const key of lastUsed) expect(map.get(key)).toBe(key)
    }),
  )
})

test("two rotations forget what was not used between them", () => {
  const map = new RecentMap<string, number>(100)
  map.set("used", 1).set("unused", 2)
  map.rotate()
  map.get("used")
  map.rotate()
  expect(map.get("used")).toBe(1)
  expect(map.get("unused")).toBeUndefined()
})

test("what is deleted is gone from both generations", () => {
  const map = new RecentMap<string, number>(100)
  map.set("a", 1)
  map.rotate()
  map.set("b", 2)
  map.delete("a")
  map.delete("b")
  expect(map.size).toBe(0)
})
