import { expect, onTestFinished, test, vi } from "vitest"
import { busyness, createAutoscaler } from "./autoscaler.ts"
import { defaultScaling } from "./desired-replicas.ts"

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

test("a moment of load right after a reload changes nothing, however long the reload took", () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] })
  onTestFinished(() => void vi.useRealTimers())
  let busy: number | undefined = 0.1
  const scaled: number[] = []
  const loads = () => [{ ...idle, eventLoopUtilisation: busy ?? 0 }]
  const autoscaler = createAutoscaler({
    settings: defaultScaling,
    // None while a new version starts.
    services: () => (busy === undefined ? [] : [{ name: "order", replicas: { min: 1, max: 4 }, loads: loads() }]),
    scale: (_service, count) => void scaled.push(count),
  })
  onTestFinished(() => autoscaler.close())
  const pass = (seconds: number, as: number | undefined) => {
    busy = as
    vi.advanceTimersByTime(seconds * 1_000)
  }
  pass(10, 0.1)
  pass(5, undefined)
  pass(0.5, 1)
  pass(2, 0.1)
  expect(scaled).toEqual([])
  pass(defaultScaling.outAfterMs / 1_000 + 0.5, 1)
  expect(scaled).toEqual([2])
})
