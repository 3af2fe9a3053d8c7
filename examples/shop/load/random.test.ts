import * as fc from "fast-check"
import { expect, test } from "vitest"
import { createRandom } from "./random.ts"

test("the same seed gives the same sequence, and another seed another", () => {
  const sequence = (seed: number) => {
    const random = createRandom(seed)
    return Array.from({ length: 20 }, () => random.next())
  }
  expect(sequence(1)).toEqual(sequence(1))
  expect(sequence(1)).not.toEqual(sequence(2))
})

test("a fork's sequence does not depend on how far the other has come", () => {
  const random = createRandom(3)
  const early = random.fork(5).next()
  random.next()
  expect(random.fork(5).next()).toBe(early)
  expect(random.fork(6).next()).not.toBe(early)
})

test("numbers stay within their bounds", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }), (seed, least, span) => {
      const number = createRandom(seed).between(least, least + span)
      expect(number).toBeGreaterThanOrEqual(least)
      expect(number).toBeLessThanOrEqual(least + span)
    }),
  )
})

test("names come as often as their weights say, and never with weight 0", () => {
  const random = createRandom(4)
  const counts = { often: 0, seldom: 0, never: 0 }
  for (let turn = 0; turn < 10_000; turn++) counts[random.weighted({ often: 9, seldom: 1, never: 0 })] += 1
  expect(counts.never).toBe(0)
  expect(counts.seldom / 10_000).toBeCloseTo(0.1, 1)
})
