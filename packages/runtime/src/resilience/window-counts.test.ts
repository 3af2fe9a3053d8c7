import * as fc from "fast-check"
import { expect, test } from "vitest"
import { WindowCounts } from "./window-counts.ts"

interface Call {
  readonly second: number
  readonly isFailure: boolean
  readonly tookMs: number
}

const step = fc.record({
  what: fc.constantFrom("call", "call", "call", "look", "clear" as const),
  afterMs: fc.oneof({ weight: 5, arbitrary: fc.nat(1_500) }, fc.nat(30_000)),
  isFailure: fc.boolean(),
  tookMs: fc.nat(1_000),
})

test("whenever calls come and whenever it is looked at, it tells of this second and the nine before", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), fc.nat(2_000_000), (steps, originMs) => {
      const window = new WindowCounts()
      let [calls, nowMs]: [Call[], number] = [[], originMs]
      for (const { what, afterMs, isFailure, tookMs } of steps) {
        nowMs += afterMs
        const second = Math.floor(nowMs / 1000)
        if (what === "clear") {
          window.clear()
          calls = []
        } else if (what === "call") {
          window.add(nowMs, isFailure, tookMs)
          calls.push({ second, isFailure, tookMs })
        } else {
          const known = calls.filter((call) => call.second > second - 10)
          const failures = known.filter((call) => call.isFailure).length
          const meanMs = known.length === 0 ? 0 : known.reduce((sum, call) => sum + call.tookMs, 0) / known.length
          // Each is asked first once: none of them may depend on another's being asked before.
          const ask = [() => window.calls(nowMs), () => window.failures(nowMs), () => window.meanMs(nowMs)]
          const first = tookMs % 3
          const told = new Map([first, (first + 1) % 3, (first + 2) % 3].map((which) => [which, ask[which]?.()]))
          expect([told.get(0), told.get(1), told.get(2)]).toEqual([known.length, failures, meanMs])
        }
      }
    }),
  )
})
