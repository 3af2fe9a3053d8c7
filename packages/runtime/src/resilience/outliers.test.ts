import * as fc from "fast-check"
import { expect, test } from "vitest"
import { outliersOf } from "./outliers.ts"

const well = { calls: 100, failures: 1, meanMs: 5, isEjected: false }

test("the replica that fails far more often than the others goes, and the one that is far slower", () => {
  expect(outliersOf([well, { ...well, failures: 60 }, well])).toEqual([1])
  expect(outliersOf([well, well, { ...well, meanMs: 500 }])).toEqual([2])
})

test("of two the bad one goes, and what is wrong with all of them is no reason", () => {
  expect(outliersOf([{ ...well, meanMs: 500 }, well])).toEqual([0])
  expect(outliersOf(Array.from({ length: 3 }, () => ({ calls: 100, failures: 90, meanMs: 900, isEjected: false })))).toEqual([])
})

test("a little slower, or a few calls, is no reason, and a replica alone is never ejected", () => {
  expect(outliersOf([well, { ...well, meanMs: 30 }])).toEqual([])
  expect(outliersOf([well, { ...well, calls: 5, failures: 5 }])).toEqual([])
  expect(outliersOf([{ ...well, failures: 100 }])).toEqual([])
})

test("what is usual is what half of the others do, not what the best or the worst of them does", () => {
  const at = (meanMs: number) => ({ ...well, meanMs })
  expect(outliersOf([at(300), at(10), at(250), at(400), at(1_000)])).toEqual([])
  expect(outliersOf([at(10), at(12), at(2_000), at(14), at(900)])).toEqual([2, 4])
  const failing = (failures: number) => ({ ...well, failures })
  expect(outliersOf([failing(0), failing(30), failing(35), failing(45), failing(50)])).toEqual([])
  expect(outliersOf([failing(1), failing(28), failing(2), failing(30), failing(0)])).toEqual([])
  expect(outliersOf([failing(1), failing(40), failing(2), failing(90), failing(0)])).toEqual([3, 1])
})

test("where there is room for some of them only, the worst go", () => {
  const failing = (failures: number) => ({ ...well, failures })
  expect(outliersOf([failing(5), failing(60), failing(5), failing(95), failing(70)])).toEqual([3, 4])
  expect(outliersOf([{ ...well, meanMs: 300 }, { ...well, isEjected: true }, well, { ...well, meanMs: 3_000 }, well])).toEqual([3])
})

test("a slow one is far off both by a factor and by a time that somebody notices", () => {
  expect(outliersOf([{ ...well, meanMs: 54 }, well, well])).toEqual([])
  expect(outliersOf([{ ...well, meanMs: 56 }, well, well])).toEqual([0])
  const slow = { ...well, meanMs: 100 }
  expect(outliersOf([{ ...well, meanMs: 490 }, slow, slow])).toEqual([])
  expect(outliersOf([{ ...well, meanMs: 510 }, slow, slow])).toEqual([0])
})

test("never more than half are out of use, and none twice", () => {
  const sample = fc
    .record({ calls: fc.nat(200), share: fc.double({ min: 0, max: 1, noNaN: true }), meanMs: fc.nat(2_000), isEjected: fc.boolean() })
    .map(({ share, calls, meanMs, isEjected }) => ({ calls, meanMs, isEjected, failures: Math.floor(calls * share) }))
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 12, size: "max" }), (samples) => {
      const found = outliersOf(samples)
      const already = samples.filter(({ isEjected }) => isEjected).length
      expect(new Set(found).size).toBe(found.length)
      expect(found.every((index) => samples[index]?.isEjected === false)).toBe(true)
      if (found.length > 0) expect(found.length + already).toBeLessThanOrEqual(samples.length / 2)
    }),
  )
})
