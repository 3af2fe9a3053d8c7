import { array, assert, constantFrom, integer, property, tuple } from "fast-check"
import { expect, test } from "vitest"
import { CallTable } from "./call-table.ts"

class Call {
  readonly id: number
  nextInTable: Call | undefined = undefined

  constructor(id: number) {
    this.id = id
  }
}

// Few numbers, of which many share a place.
const ids = integer({ min: 0, max: 40 }).map((n) => (n % 8) * 1024 + Math.floor(n / 8))

test("a table of calls holds what a map of them holds, whatever is added and taken", () => {
  assert(
    property(array(tuple(constantFrom("add", "take", "get"), ids), { maxLength: 200, size: "max" }), (steps) => {
      const table = new CallTable<Call>()
      const map = new Map<number, Call>()
      for (const [what, id] of steps) {
        if (what === "add" && !map.has(id)) {
          const call = new Call(id)
          table.add(call)
          map.set(id, call)
        } else if (what === "take") {
          expect(table.take(id)).toBe(map.get(id))
          map.delete(id)
        }
        expect(table.get(id)).toBe(map.get(id))
        expect(table.size).toBe(map.size)
      }
      expect(new Set(table.takeAll())).toEqual(new Set(map.values()))
      expect(table.size).toBe(0)
    }),
  )
})

test("numbers beyond 31 bits are found again", () => {
  const table = new CallTable<Call>()
  const last = new Call(2 ** 32 - 1)
  table.add(last)
  expect(table.take(2 ** 32 - 1)).toBe(last)
})
