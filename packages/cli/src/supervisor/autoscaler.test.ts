import { assert, double, integer, property, record } from "fast-check"
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
  const scaled: (readonly [number, string])[] = []
  const loads = () => [{ ...idle, eventLoopUtilisation: busy ?? 0 }]
  const autoscaler = createAutoscaler({
    settings: defaultScaling,
    // None while a new version starts.
    services: () => (busy === undefined ? [] : [{ name: "order", replicas: { min: 1, max: 4 }, loads: loads() }]),
    scale: (_service, count, reason) => void scaled.push([count, reason]),
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
  expect(scaled).toEqual([[2, "scaled out to 2: 100 % busy, 65 % is the aim"]])
})

test("a moment of load right after the machine has slept changes nothing, nor does a moment of rest", () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] })
  onTestFinished(() => void vi.useRealTimers())
  let busy = 0.5
  const scaled: number[] = []
  const load = () => ({ ...idle, eventLoopUtilisation: busy })
  const autoscaler = createAutoscaler({
    settings: defaultScaling,
    services: () => [{ name: "order", replicas: { min: 1, max: 4 }, loads: [load(), load()] }],
    scale: (_service, count) => void scaled.push(count),
  })
  onTestFinished(() => autoscaler.close())
  // No timer fires meanwhile.
  let sleptMs = 0
  const awake = performance.now.bind(performance)
  vi.spyOn(performance, "now").mockImplementation(() => awake() + sleptMs)
  for (const moment of [1, 0, 1]) {
    vi.advanceTimersByTime(10_000)
    sleptMs += 60_000
    busy = moment
    vi.advanceTimersByTime(500)
    busy = 0.5
  }
  expect(scaled).toEqual([])
})

/** A service under a load of `work` fully busy replicas; those that start take nothing for `startMs`. */
function scaledUnder(load: { work: number }, { startMs, max }: { readonly startMs: number; readonly max: number }) {
  let readyAtMs = [0]
  const changes: { readonly atMs: number; readonly count: number }[] = []
  const loads = () => {
    const ready = readyAtMs.filter((atMs) => atMs <= performance.now()).length
    const share = load.work / Math.max(1, ready)
    const busy = { ...idle, inFlight: Math.min(100, share * 100), utilisation: Math.min(1, share), queued: share > 1 ? 50 : 0 }
    return readyAtMs.map((atMs) => (atMs <= performance.now() ? { ...busy, eventLoopUtilisation: Math.min(1, share + 0.01) } : undefined))
  }
  const autoscaler = createAutoscaler({
    settings: defaultScaling,
    services: () => [{ name: "order", replicas: { min: 1, max }, loads: loads() }],
    scale(_service, count) {
      const more = Array.from({ length: Math.max(0, count - readyAtMs.length) }, () => performance.now() + startMs)
      readyAtMs = [...readyAtMs, ...more].slice(0, count)
      changes.push({ atMs: performance.now(), count })
    },
  })
  return { autoscaler, changes, count: () => readyAtMs.length }
}

test("a load that stays brings a service to rest with enough of it, and one that ends to the least, one replica after the other", () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] })
  onTestFinished(() => void vi.useRealTimers())
  const any = record({
    work: double({ min: 0, max: 5, noNaN: true }),
    startMs: integer({ min: 0, max: 20_000 }),
    max: integer({ min: 2, max: 10 }),
  })
  assert(
    property(any, ({ work, startMs, max }) => {
      const load = { work }
      const { autoscaler, changes, count } = scaledUnder(load, { startMs, max })
      vi.advanceTimersByTime((max + 3) * defaultScaling.inAfterMs)
      const rest = changes.length
      vi.advanceTimersByTime(10 * defaultScaling.inAfterMs)
      expect(changes.length).toBe(rest)
      expect(count()).toBeGreaterThanOrEqual(Math.min(max, work / defaultScaling.target - 0.1))
      load.work = 0
      const quietAtMs = performance.now()
      vi.advanceTimersByTime((max + 3) * defaultScaling.inAfterMs)
      expect(count()).toBe(1)
      const left = changes.slice(rest)
      left.forEach(({ atMs, count: after }, index) => {
        expect(after).toBe((left[index - 1]?.count ?? after + 1) - 1)
        expect(atMs - (left[index - 1]?.atMs ?? quietAtMs)).toBeGreaterThanOrEqual(defaultScaling.inAfterMs - 500)
      })
      autoscaler.close()
    }),
    { numRuns: 30, endOnFailure: true },
  )
})
