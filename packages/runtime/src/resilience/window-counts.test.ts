import * as fc from "fast-check"
import { expect, test } from "vitest"
import { WindowCounts } from "./window-counts.ts"

interface Call {
  readonly second: number
  readonly isFailure: boolean
  readonly measure: number
}

const step = fc.record({
  what: fc.constantFrom("call", "call", "call", "look", "clear" as const),
  afterMs: fc.oneof({ weight: 5, arbitrary: fc.nat(1_500) }, fc.nat(30_000)),
  isFailure: fc.boolean(),
  measure: fc.nat(1_000),
})

test("whenever calls come and whenever it is looked at, it tells of this second and the nine before", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), fc.nat(2_000_000), (steps, originMs) => {
      const window = new WindowCounts()
      let [calls, nowMs]: [Call[], number] = [[], originMs]
      for (const { what, afterMs, isFailure, measure } of steps) {
        nowMs += afterMs
        const second = Math.floor(nowMs / 1000)
        if (what === "clear") {
          window.clear()
          calls = []
        } else if (what === "call") {
          window.add(nowMs, isFailure, measure)
          calls.push({ second, isFailure, measure })
        } else {
          const known = calls.filter((call) => call.second > second - 10)
          const failures = known.filter((call) => call.isFailure).length
          const measured = known.filter((call) => !call.isFailure)
          const mean = measured.length === 0 ? 0 : measured.reduce((sum, call) => sum + call.measure, 0) / measured.length
          // Each is asked first once: none of them may depend on another's being asked before.
          const ask = [() => window.calls(nowMs), () => window.failures(nowMs), () => window.mean(nowMs)]
          const first = measure % 3
          const told = new Map([first, (first + 1) % 3, (first + 2) % 3].map((which) => [which, ask[which]?.()]))
          expect([told.get(0), told.get(1), told.get(2)]).toEqual([known.length, failures, mean])
        }
      }
    }),
  )
})
