import { expect, test } from "vitest"
import { BackOff } from "./back-off.ts"

test("the pauses grow with each failure in a row, up to a limit", () => {
  const backOff = new BackOff()
  const pauses = Array.from({ length: 9 }, () => {
    backOff.started()
    return backOff.failed()
  })
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
  expect(backOff.failures).toBe(9)
})
