import { array, assert, double, integer, property, record } from "fast-check"
import { expect, test } from "vitest"
import { ClockAnchor, now } from "./clock.ts"

test("times follow the wall clock when it is set, and small differences are left alone", () => {
  let wall = 1000
  const anchor = new ClockAnchor(() => wall, () => 1000) // prettier-ignore
  expect(anchor.offsetMs()).toBe(0)
  wall = 1001
  expect(anchor.offsetMs()).toBe(0)
  wall = 1000 + 3_600_000
  expect(anchor.offsetMs()).toBe(3_600_000)
  wall -= 1
  expect(anchor.offsetMs()).toBe(3_600_000)
  wall = 400
  expect(anchor.offsetMs()).toBe(-600)
})

test("however the wall clock jumps, a span's length is what was measured, and what is exported is near the wall clock", () => {
  const step = record({ passesMs: double({ min: 0, max: 1e6, noNaN: true }), jumpMs: double({ min: -1e6, max: 1e6, noNaN: true }) })
  assert(
    property(array(step), (steps) => {
      let [wall, steady] = [1e12, 1e12]
      const anchor = new ClockAnchor(() => wall, () => steady) // prettier-ignore
      for (const { passesMs, jumpMs } of steps) {
        const start = steady
        steady += passesMs
        wall += passesMs + jumpMs
        const offset = anchor.offsetMs()
        expect(steady + offset - (start + offset)).toBeGreaterThanOrEqual(0)
        expect(Math.abs(steady + offset - wall)).toBeLessThanOrEqual(3)
      }
    }),
  )
})

test("a deadline is told as no later than it is on the wall clock, whatever of the difference is left alone", () => {
  // Parts of a millisecond that a time of that size has without rounding.
  const ms = (min: number, max: number) => integer({ min: min * 1024, max: max * 1024 }).map((parts) => parts / 1024)
  const step = record({ passesMs: ms(0, 1e4), driftsMs: ms(-1.5, 1.5) })
  assert(
    property(array(step), ms(0, 1e5), (steps, leftMs) => {
      let [wall, steady] = [1e12, 1e12]
      // As `Date.now` does.
      const anchor = new ClockAnchor(() => Math.floor(wall), () => steady) // prettier-ignore
      for (const { passesMs, driftsMs } of steps) {
        steady += passesMs
        wall += Math.max(0, passesMs + driftsMs)
        const told = anchor.noLater(steady + leftMs) - Math.floor(wall)
        expect(told).toBeLessThanOrEqual(leftMs)
        expect(told).toBeGreaterThan(leftMs - 6)
      }
    }),
  )
})

test("a process that rests between reading one clock and the other does not take the rest for a clock that was set", () => {
  let [wall, steady] = [1000, 1000]
  const rests = [5000, 0]
  const readWall = () => {
    const restMs = rests.shift() ?? 0
    steady += restMs
    return (wall += restMs)
  }
  const anchor = new ClockAnchor(readWall, () => steady)
  expect([anchor.offsetMs(), anchor.offsetMs()]).toEqual([0, 0])
})

test("time does not go back", () => {
  const times = Array.from({ length: 1000 }, () => now())
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(Math.abs(now() - Date.now())).toBeLessThan(60_000)
})
