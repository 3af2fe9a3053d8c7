import { afterEach, expect, test } from "vitest"
import { shiftClock } from "./shifted-clock.ts"

const RealDate = Date
afterEach(() => {
  shiftClock(0)
  globalThis.Date = RealDate
})

test("a shifted clock is ahead everywhere the time is read, and nowhere else", () => {
  const before = new Date()
  shiftClock(3_600_000)
  const ahead = [Date.now(), new Date().getTime(), Date.parse(Date())].map((time) => Math.round((time - RealDate.now()) / 60_000))
  expect(ahead).toEqual([60, 60, 60])
  expect(new Date("2026-01-02T03:04:05.000Z").toISOString()).toBe("2026-01-02T03:04:05.000Z")
  expect(new Date(0).getTime()).toBe(0)
  expect([before instanceof Date, new Date() instanceof Date, new Date() instanceof RealDate]).toEqual([true, true, true])
})
