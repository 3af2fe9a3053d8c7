import { expect, test } from "vitest"
import { BackOff } from "./back-off.ts"

test("the pauses grow with each failure in a row, up to a limit", () => {
  const backOff = new BackOff()
  const pauses = Array.from({ length: 9 }, () => backOff.failed())
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
  expect(backOff.failures).toBe(9)
})

test("what has served for two seconds begins with the shortest pause again, what fails sooner is forgiven three times", () => {
  let nowMs = 0
  const backOff = new BackOff(() => nowMs)
  const failedAfter = (ms: number) => {
    backOff.serves()
    nowMs += ms
    return backOff.failed()
  }
  expect([1_000, 1_999, 0, 1_500, 500].map(failedAfter)).toEqual([100, 100, 100, 200, 400])
  expect([2_001, 500].map(failedAfter)).toEqual([100, 100])
  // It does not come to serve at all, however long that takes.
  nowMs += 10_000
  expect(backOff.failed()).toBe(400)
})
