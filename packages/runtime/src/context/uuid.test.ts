import * as fc from "fast-check"
import { expect, test } from "vitest"
import { randomUuid, uuidOf } from "./uuid.ts"

test("random identifiers are UUIDs of version 4, and none comes twice", () => {
  const made = Array.from({ length: 10_000 }, randomUuid)
  expect(made.filter((id) => !/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toEqual([])
  expect(new Set(made).size).toBe(made.length)
})

test("each digit that is random takes all of its values", () => {
  const made = Array.from({ length: 1_000 }, randomUuid)
  const values = Array.from({ length: 36 }, (_, place) => new Set(made.map((id) => id[place])).size)
  expect(values).toEqual(Array.from("xxxxxxxx-xxxx-vxxx-nxxx-xxxxxxxxxxxx", (kind) => ({ "-": 1, v: 1, n: 4 })[kind] ?? 16))
})

test("a text has one UUID, of version 8, and another text has another", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(uuidOf(one)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      expect(uuidOf(one) === uuidOf(other)).toBe(one === other)
    }),
  )
})

test("the UUID of a text stays the same from one version of Hanok to the next, for stored work may be repeated by a later one", () => {
  expect(uuidOf('order.placeOrder|"c1"|k1 0#0')).toBe("d6465fc3-6ae1-875d-bda9-49c929aea92b")
})
