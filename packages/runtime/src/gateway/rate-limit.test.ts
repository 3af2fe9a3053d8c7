import * as fc from "fast-check"
import { expect, test } from "vitest"
import { clientOf, createRateLimit } from "./rate-limit.ts"

test("a client gets a burst, then its rate, and is told how long to wait", () => {
  const limit = createRateLimit(10)
  const burst = Array.from({ length: 21 }, () => limit.take("a", 1_000))
  expect(burst.filter(({ waitMs }) => waitMs === 0)).toHaveLength(20)
  expect(burst.at(-1)).toEqual({ waitMs: 100, remaining: 0 })
  expect(limit.take("a", 1_099).waitMs).toBe(1)
  expect(limit.take("a", 1_101).waitMs).toBe(0)
})

test("another client is not held up by it", () => {
  const limit = createRateLimit(1)
  limit.take("a", 0)
  limit.take("a", 0)
  expect(limit.take("a", 0).waitMs).toBeGreaterThan(0)
  expect(limit.take("b", 0).waitMs).toBe(0)
})

test("whatever the times, nobody gets more than burst + rate × time", () => {
  const steps = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 300, size: "max" })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), steps, (perSecond, pausesMs) => {
      const limit = createRateLimit(perSecond)
      let now = 10_000
      let granted = 0
      for (const pauseMs of pausesMs) {
        now += pauseMs
        for (let i = 0; i < 5; i++) if (limit.take("a", now).waitMs === 0) granted += 1
      }
      expect(granted).toBeLessThanOrEqual(limit.burst + (perSecond * (now - 10_000)) / 1000 + 1)
    }),
  )
})

test("a request is let through after the time that was named", () => {
  const limit = createRateLimit(3)
  let now = 0
  while (limit.take("a", now).waitMs === 0);
  for (let i = 0; i < 20; i++) {
    now += limit.take("a", now).waitMs
    expect(limit.take("a", now).waitMs).toBe(0)
  }
})

test.each([
  ["203.0.113.7", "203.0.113.7"],
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:db8:1:2::9", "2001:db8:1:2"],
  ["2001:db8::1", "2001:db8:0:0"],
  ["::1", "0:0:0:0"],
])("%s counts as %s", (address, client) => {
  expect(clientOf(address)).toBe(client)
})

test("less than one request in two seconds is a rate, too", () => {
  const limit = createRateLimit(0.25)
  expect(limit.take("a", 10_000)).toEqual({ waitMs: 0, remaining: 0 })
  expect(limit.take("a", 10_000)).toEqual({ waitMs: 4_000, remaining: 0 })
  let granted = 0
  for (let now = 10_000; now <= 50_000; now += 100) if (limit.take("a", now).waitMs === 0) granted += 1
  expect(granted).toBe(10)
})
