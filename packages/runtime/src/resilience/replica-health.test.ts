import * as fc from "fast-check"
import { expect, test } from "vitest"
import { ReplicaHealth } from "./replica-health.ts"

function healthOf(latencyMs: number): ReplicaHealth {
  const health = new ReplicaHealth()
  health.becameReady(0)
  if (latencyMs > 0) health.answered(0, latencyMs)
  return health
}

test("what was given up or failed sooner than answers come makes a replica no quicker, and what took longer makes it slower", () => {
  const times = fc.integer({ min: 1, max: 5_000 })
  fc.assert(
    fc.property(times, times, fc.constantFrom("failed", "givenUp" as const), (latencyMs, tookMs, how) => {
      const health = healthOf(latencyMs)
      const before = health.latency.current(100)
      health[how](100, tookMs)
      const after = health.latency.current(100)
      if (tookMs > before) expect(after).toBeGreaterThan(before)
      else expect(after).toBe(how === "failed" ? latencyMs : before)
    }),
  )
})

test("failures are counted, and what was given up is neither a failure nor an answer", () => {
  const health = healthOf(10)
  health.failed(0, 30)
  health.givenUp(0, 1_000)
  expect([health.window.calls(0), health.window.failures(0)]).toEqual([2, 1])
  expect(health.typicalMs(0)).toBeCloseTo(10)
})

test("what another replica answered counts as slow as it was, as no quicker than answers are, and as none of its own", () => {
  const health = healthOf(10)
  health.outrun(0, 1)
  expect(health.typicalMs(0)).toBeCloseTo(10)
  health.outrun(0, 10_000)
  expect(health.typicalMs(0)).toBeCloseTo(100)
  const hanging = healthOf(0)
  hanging.outrun(0, 500)
  expect(hanging.hasAnsweredNoneOfFew(0)).toBe(false)
  hanging.outrun(0, 500)
  expect([hanging.hasAnsweredNoneOfFew(0), hanging.hasAnsweredNoneOfFew(20_000)]).toEqual([true, false])
  hanging.answered(0, 500)
  expect(hanging.hasAnsweredNoneOfFew(0)).toBe(false)
})

test("the more of its calls fail, the more tries an answer takes; one that never answers has a long way to go, and no end of it", () => {
  const health = healthOf(0)
  const tries = [health.triesPerAnswer(0)]
  for (let call = 0; call < 3; call++) {
    health.failed(0, 1)
    tries.push(health.triesPerAnswer(0))
  }
  expect(tries).toEqual([1, 2, 3, 4])
  for (let call = 0; call < 3; call++) health.answered(0, 1)
  expect(health.triesPerAnswer(0)).toBe(7 / 4)
  expect(health.triesPerAnswer(20_000)).toBe(1)
})

test("with a new connection all is forgotten, and it starts slowly again: it may be another process", () => {
  const health = healthOf(10)
  health.failed(6_000, 500)
  health.eject(6_000)
  health.failed(6_500, 700)
  expect(health.isEjected(7_000)).toBe(true)
  health.becameReady(7_000)
  expect([health.isEjected(7_000), health.latency.current(7_000), health.window.calls(7_000), health.warmth(7_000)]).toEqual([
    false,
    0,
    0,
    0.1,
  ])
  expect([health.warmth(9_500), health.warmth(12_000)]).toEqual([0.5, 1])
})

test("what is put out of use is judged anew afterwards, by what it does then", () => {
  const health = healthOf(10)
  health.failed(6_000, 500)
  health.eject(6_000)
  expect([health.latency.current(8_000), health.window.calls(8_000), health.window.failures(8_000)]).toEqual([0, 0, 0])
})

test("when it was well for long, it is put out of use for a short time again", () => {
  const health = healthOf(10)
  for (const nowMs of [10_000, 20_000, 30_000]) health.eject(nowMs)
  expect([health.isEjected(37_999), health.isEjected(38_000)]).toEqual([true, false])
  health.eject(100_000)
  expect(health.isEjected(115_999)).toBe(true)
  health.eject(240_000)
  expect([health.isEjected(241_999), health.isEjected(242_000)]).toEqual([true, false])
})
