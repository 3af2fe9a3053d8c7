import { expect, test } from "vitest"
import { until } from "./until.ts"

test("it gives back the first thing it sees", async () => {
  const seen = [undefined, null, false, 0, 1]
  expect(await until(() => seen.shift())).toBe(0)
})

test("a look that fails is repeated, and the last failure is told when the time is up", async () => {
  let looks = 0
  const failing = () => {
    looks++
    throw new Error("not there yet")
  }
  const waiting = until(failing, { withinMs: 50, what: "the gift" })
  await expect(waiting).rejects.toThrow("Waited 50 ms for the gift; the last look failed: not there yet")
  expect(looks).toBeGreaterThan(1)
})

test("what does not come is named", async () => {
  await expect(until(() => false, { withinMs: 1 })).rejects.toThrow("Waited 1 ms for what was waited for; it did not come.")
})
