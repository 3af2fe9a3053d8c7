import { expect, test } from "vitest"
import { busyness } from "./autoscaler.ts"

const idle = { inFlight: 0, limit: 100, queued: 0, utilisation: 0, eventLoopUtilisation: 0, eventLoopDelayMs: 0 }

test("a replica is as busy as what is scarcest in it", () => {
  expect(busyness(idle)).toBe(0)
  expect(busyness({ ...idle, eventLoopUtilisation: 0.8, inFlight: 10, utilisation: 0.1 })).toBe(0.8)
  expect(busyness({ ...idle, eventLoopUtilisation: 0.1, inFlight: 90, utilisation: 0.9 })).toBe(0.9)
  expect(busyness({ ...idle, eventLoopDelayMs: 100 })).toBe(1)
})

test("work that waits counts beyond what the replica can do, but not without end", () => {
  expect(busyness({ ...idle, inFlight: 100, utilisation: 1, queued: 50 })).toBe(1.5)
  expect(busyness({ ...idle, inFlight: 100, utilisation: 1, queued: 5_000 })).toBe(2)
})
