import * as fc from "fast-check"
import { expect, test } from "vitest"
import { hashOf, wish } from "./rendezvous.ts"

function ownerOf(key: string, replicas: readonly string[]): string | undefined {
  return replicas.toSorted((a, b) => wish(hashOf(key), hashOf(b)) - wish(hashOf(key), hashOf(a)))[0]
}

const ports = fc.uniqueArray(fc.integer({ min: 1024, max: 65_535 }), { minLength: 2, maxLength: 12, size: "max" })
const replicas = ports.map((list) => list.map((port) => `10.0.0.7:${port}`))
const keys = fc.array(fc.string(), { minLength: 1, maxLength: 60, size: "max" })

test("when a replica goes, only its own keys move; when it comes back, exactly those return", () => {
  fc.assert(
    fc.property(replicas, keys, (list, some) => {
      const [gone, ...left] = list
      for (const key of some) {
        const before = ownerOf(key, list)
        if (before !== gone) expect(ownerOf(key, left)).toBe(before)
      }
    }),
  )
})

test("the order in which replicas are known does not matter", () => {
  fc.assert(
    fc.property(replicas, keys, (list, some) => {
      for (const key of some) expect(ownerOf(key, list.toReversed())).toBe(ownerOf(key, list))
    }),
  )
})

test("keys spread over replicas about evenly", () => {
  const list = [1, 2, 3, 4].map((number) => `127.0.0.1:4000${number}`)
  const counts = new Map<string, number>()
  for (let customer = 0; customer < 4_000; customer++) {
    const owner = ownerOf(`customer-${customer}`, list) ?? ""
    counts.set(owner, (counts.get(owner) ?? 0) + 1)
  }
  expect(counts.size).toBe(4)
  for (const count of counts.values()) expect(count).toBeGreaterThan(800)
})
