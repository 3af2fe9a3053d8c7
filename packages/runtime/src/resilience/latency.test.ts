import * as fc from "fast-check"
import { expect, test } from "vitest"
import { PeakLatency } from "./latency.ts"

const answers = fc.array(fc.record({ afterMs: fc.nat(5_000), tookMs: fc.integer({ min: 1, max: 10_000 }) }), {
  minLength: 1,
  maxLength: 40,
  size: "max",
})

test("whatever answers come, a slow one is seen at once, a quick one is not taken for all, and it is never out of what was seen", () => {
  fc.assert(
    fc.property(answers, (list) => {
      const latency = new PeakLatency()
      let [nowMs, before, least, most] = [Date.UTC(2026), 0, Number.POSITIVE_INFINITY, 0]
      for (const { afterMs, tookMs } of list) {
        nowMs += afterMs
        before = latency.current(nowMs)
        latency.add(tookMs, nowMs)
        const after = latency.current(nowMs)
        least = Math.min(least, tookMs)
        most = Math.max(most, tookMs)
        expect(after).toBeGreaterThanOrEqual(before === 0 ? tookMs : Math.max(tookMs / 2, Math.min(tookMs, before * 0.9)))
        if (tookMs < before * 0.04) expect(after).toBeLessThan(before)
        expect(after).toBeGreaterThanOrEqual(least * 0.999)
        expect(after).toBeLessThanOrEqual(most)
      }
    }),
  )
})

test("it fades while nothing is asked, to a third in three seconds, and is nothing when it is forgotten", () => {
  const latency = new PeakLatency()
  expect(latency.current(5_000)).toBe(0)
  latency.add(300, 5_000)
  expect(latency.current(5_000)).toBe(300)
  expect(latency.current(8_000)).toBeCloseTo(300 / Math.E)
  latency.reset()
  expect(latency.current(8_000)).toBe(0)
})

test("many quick answers make it quick, also within a moment", () => {
  const latency = new PeakLatency()
  latency.add(1_000, 0)
  for (let answer = 0; answer < 100; answer++) latency.add(10, 1)
  expect(latency.current(1)).toBeLessThan(20)
})
