import * as fc from "fast-check"
import { expect, test } from "vitest"
import { outliersOf } from "./outliers.ts"
import { ReplicaHealth } from "./replica-health.ts"

const well = { calls: 100, failures: 1, typicalMs: 5, isEjected: false }

test("the replica that fails far more often than the others goes, and the one that is far slower", () => {
  expect(outliersOf([well, { ...well, failures: 60 }, well])).toEqual([1])
  expect(outliersOf([well, well, { ...well, typicalMs: 500 }])).toEqual([2])
})

test("of two the bad one goes, and what is wrong with all of them is no reason", () => {
  expect(outliersOf([{ ...well, typicalMs: 500 }, well])).toEqual([0])
  expect(outliersOf(Array.from({ length: 3 }, () => ({ calls: 100, failures: 90, typicalMs: 900, isEjected: false })))).toEqual([])
})

test("a little slower, or a few calls, is no reason, and a replica alone is never ejected", () => {
  expect(outliersOf([well, { ...well, typicalMs: 30 }])).toEqual([])
  expect(outliersOf([well, { ...well, calls: 5, failures: 5 }])).toEqual([])
  expect(outliersOf([{ ...well, failures: 100 }])).toEqual([])
})

test("what is usual is what half of the others do, not what the best or the worst of them does", () => {
  const at = (typicalMs: number) => ({ ...well, typicalMs })
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
  expect(outliersOf([{ ...well, typicalMs: 300 }, { ...well, isEjected: true }, well, { ...well, typicalMs: 3_000 }, well])).toEqual([3])
})

test("a slow one is far off both by a factor and by a time that somebody notices", () => {
  expect(outliersOf([{ ...well, typicalMs: 54 }, well, well])).toEqual([])
  expect(outliersOf([{ ...well, typicalMs: 56 }, well, well])).toEqual([0])
  const slow = { ...well, typicalMs: 100 }
  expect(outliersOf([{ ...well, typicalMs: 490 }, slow, slow])).toEqual([])
  expect(outliersOf([{ ...well, typicalMs: 510 }, slow, slow])).toEqual([0])
})

/** What a replica is judged by that was asked so often. */
function sampleOf(calls: number, ask: (health: ReplicaHealth, call: number) => void) {
  const health = new ReplicaHealth()
  for (let call = 0; call < calls; call++) ask(health, call)
  return { calls: health.window.calls(0), failures: health.window.failures(0), typicalMs: health.typicalMs(0), isEjected: false }
}

test("that it happened to get more of the few calls that always take long is no reason", () => {
  const replica = fc.record({ calls: fc.integer({ min: 10, max: 300 }), longShare: fc.double({ min: 0, max: 0.1, noNaN: true }) })
  fc.assert(
    fc.property(fc.array(replica, { minLength: 2, maxLength: 10, size: "max" }), (replicas) => {
      const samples = replicas.map(({ calls, longShare }) => {
        const longCalls = Math.ceil(calls * longShare)
        return sampleOf(calls, (health, call) => health.answered(0, call < longCalls ? 3_000 : 5))
      })
      expect(outliersOf(samples)).toEqual([])
    }),
  )
})

test("beside replicas that fail at once those that take their time and answer are not the slow ones", () => {
  const failing = sampleOf(100, (health, call) => (call % 10 === 0 ? health.answered(0, 100) : health.failed(0, 1)))
  const answering = sampleOf(100, (health) => health.answered(0, 100))
  expect(outliersOf([failing, answering, failing, answering])).toEqual([0, 2])
  const broken = sampleOf(100, (health) => health.failed(0, 1))
  expect(outliersOf([broken, answering, broken, broken])).toEqual([])
})

test("one is slow when most of its answers are", () => {
  const quick = sampleOf(30, (health) => health.answered(0, 5))
  const slow = sampleOf(10, (health, call) => health.answered(0, call < 3 ? 5 : 500))
  expect(outliersOf([quick, slow, quick])).toEqual([1])
})

test("never more than half are out of use, and none twice", () => {
  const sample = fc
    .record({ calls: fc.nat(200), share: fc.double({ min: 0, max: 1, noNaN: true }), typicalMs: fc.nat(2_000), isEjected: fc.boolean() })
    .map(({ share, calls, typicalMs, isEjected }) => ({ calls, typicalMs, isEjected, failures: Math.floor(calls * share) }))
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
