import { expect, test } from "vitest"
import { BackOff } from "./back-off.ts"

test("the pauses grow with each failure in a row, up to a limit", () => {
  const backOff = new BackOff()
  const pauses = Array.from({ length: 9 }, () => backOff.failed())
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
  expect(backOff.failures).toBe(9)
})

test("what has served for two seconds begins with the shortest pause again, what fails sooner does not", () => {
  let nowMs = 0
  const backOff = new BackOff(() => nowMs)
  const failedAfter = (ms: number) => {
    backOff.serves()
    nowMs += ms
    return backOff.failed()
  }
  expect([failedAfter(1_000), failedAfter(1_999), failedAfter(2_001), failedAfter(500)]).toEqual([100, 200, 100, 200])
  // It does not come to serve at all, however long that takes.
  nowMs += 10_000
  expect(backOff.failed()).toBe(400)
})
