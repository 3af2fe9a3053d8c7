import { expect, test } from "vitest"
import { AdaptiveLimit } from "./adaptive-limit.ts"
import type { Company } from "./adaptive-limit.ts"
import type { Ending } from "./gate.ts"
import { UsualLatency } from "./usual-latency.ts"

/** A limit of a process that began with more calls than it has room for, and now, at 2500 ms, looks how long they take by themselves. */
function probing(callMs = 1_000) {
  const limit = new AdaptiveLimit({ least: 8, most: 1_000, allowanceMs: 25 })
  const usual = new UsualLatency()
  const left = (ending: Ending, company: Company, tookMs: number, nowMs: number) => {
    limit.full()
    limit.left(usual, ending, tookMs, company, 50, nowMs)
  }
  for (const nowMs of [1_000, 2_500]) {
    const companies = Array.from({ length: 100 }, (_, before) => limit.entered(before + 1))
    for (const company of companies.slice(0, 20)) left("done", company, callMs, nowMs)
  }
  return { limit, left, usual }
}

test.each([
  [1_000, 5_800],
  [10_000, 22_800],
])("when calls take %i ms and nothing is done while it looks, it gives up at %i ms, and lets in as many as before", (callMs, untilMs) => {
  const { limit, left } = probing(callMs)
  expect(limit.current).toBeLessThan(16)
  limit.tick(untilMs - 1)
  expect(limit.current).toBeLessThan(16)
  limit.tick(untilMs)
  expect(limit.current).toBeGreaterThan(64)
  // It does not look again at once.
  for (let call = 0; call < 30; call++) left("done", limit.entered(100), callMs, untilMs + 5_000)
  expect(limit.current).toBeGreaterThan(64)
})

test.each([
  ["done", 30],
  ["failed", 151],
  ["cut", 151],
] as const)("it looks no longer than until the first ten calls are %s, and then lets in %i", (ending, room) => {
  const { limit, left } = probing()
  const companies = Array.from({ length: 14 }, (_, call) => limit.entered((call % 4) + 1))
  expect(companies).toEqual(companies.map((_, call) => (call < 10 ? "probe" : "many")))
  for (const company of companies.slice(0, 9)) left(ending, company, 10, 2_700)
  limit.tick(2_900)
  expect(limit.current).toBeLessThan(16)
  left(ending, "probe", 10, 2_900)
  limit.tick(2_900)
  expect(limit.current).toBe(room)
})

test("what it listened to is usual from then on, also what is answered after it has given up", () => {
  const { limit, left, usual } = probing()
  expect(usual.usualMs).toBe(1_000)
  const companies = Array.from({ length: 10 }, () => limit.entered(1))
  for (const company of companies.slice(0, 4)) left("done", company, 200, 2_900)
  expect(usual.usualMs).toBe(200)
  limit.tick(6_000)
  for (const company of companies.slice(4)) left("done", company, 7_000, 9_500)
  expect(usual.usualMs).toBeCloseTo((4 * 200 + 6 * 7_000) / 10)
})

test("each time it looks it listens to others", () => {
  const { limit, left } = probing()
  for (let call = 0; call < 10; call++) left("done", limit.entered(1), 20, 2_900)
  limit.tick(2_900)
  for (let call = 0; call < 20; call++) left("done", limit.entered(100), 900, call < 10 ? 20_000 : 20_100)
  expect(limit.current).toBeLessThan(16)
  expect(Array.from({ length: 11 }, () => limit.entered(1))).toEqual([...Array.from({ length: 10 }, () => "probe"), "many"])
})

test("what a look that was given up waited for does not end the next one", () => {
  const { limit, left } = probing()
  const late = Array.from({ length: 10 }, () => limit.entered(1))
  limit.tick(5_800)
  for (let call = 0; call < 20; call++) left("done", limit.entered(150), 4_000, call < 10 ? 20_000 : 20_100)
  expect(limit.current).toBeLessThan(16)
  for (const company of late) left("done", company, 17_600, 20_200)
  limit.tick(20_400)
  expect(limit.current).toBeLessThan(16)
})

/** It looks at `nowMs`: each of ten calls takes that long, of these operations by turns. */
function look(limit: AdaptiveLimit, usuals: readonly UsualLatency[], tookMs: number, nowMs: number): void {
  const companies = Array.from({ length: 10 }, () => limit.entered(1))
  expect(companies).toEqual(companies.map(() => "probe"))
  for (const [call, company] of companies.entries()) {
    const usual = usuals[call % usuals.length]
    if (usual) limit.left(usual, "done", tookMs, company, 1, nowMs)
  }
  limit.tick(nowMs)
}

test("when much less room is left than at the last look, it looks again soon, for what had more company then may be far quicker", () => {
  const { limit, left, usual } = probing()
  look(limit, [usual], 200, 2_900)
  const before = limit.current
  const late = (nowMs: number) => {
    for (let call = 0; call < 20; call++) left("done", limit.entered(100), 2_000, nowMs + (call < 10 ? 0 : 100))
  }
  for (let nowMs = 3_000; nowMs < 3_800; nowMs += 200) late(nowMs)
  expect(limit.current).toBeLessThan(before / 2)
  late(4_000)
  look(limit, [usual], 20, 4_500)
  expect(usual.usualMs).toBeLessThan(100)
  // And then not before ten seconds have passed, if it does not sink as far again.
  late(6_000)
  expect(limit.entered(1)).toBe("few")
})

test("whatever operations it listens to, each of them is looked at anew", () => {
  const { limit, left, usual } = probing()
  const other = new UsualLatency()
  for (let call = 0; call < 200; call++) other.add(100, true, 2_000)
  look(limit, [usual, other], 20, 2_900)
  expect(other.usualMs).toBeLessThan(70)
  for (let call = 0; call < 20; call++) left("done", limit.entered(150), 900, call < 10 ? 20_000 : 20_100)
  look(limit, [usual, other], 500, 20_500)
  for (const { usualMs } of [usual, other]) expect(usualMs).toBeGreaterThan(250)
})

test("usual is what calls take that have the process nearly to themselves, from beginning to end; the fastest, while there were none", () => {
  const limit = new AdaptiveLimit({ least: 8, most: 1_000, allowanceMs: 25 })
  const usual = new UsualLatency()
  const call = (among: number, tookMs: number, leaves: number) => limit.left(usual, "done", tookMs, limit.entered(among), leaves, 1_000)
  call(50, 700, 49)
  call(50, 300, 49)
  call(50, 500, 49)
  expect(usual.usualMs).toBe(300)
  call(4, 20, 3)
  call(1, 40, 0)
  expect(usual.usualMs).toBe(30)
  call(5, 900, 0)
  call(1, 900, 4)
  expect(usual.usualMs).toBe(30)
})

test("what is usual is known the less well the more calls differ, and the fewer it was learnt from", () => {
  const alike = new UsualLatency()
  for (let call = 0; call < 50; call++) alike.add(10, call < 20, 1_000)
  expect(alike.error).toBe(0)
  const apart = new UsualLatency()
  // Those it was learnt from happen to be alike: one in ten is not.
  for (let call = 0; call < 50; call++) apart.add(10, true, 1_000)
  for (let call = 0; call < 200; call++) apart.add(call % 10 === 0 ? 1_000 : 10, false, 1_000)
  expect(apart.usualMs).toBeCloseTo(10)
  const often = apart.error
  expect(often).toBeGreaterThan(0.4)
  apart.lookAgain(1_000)
  expect(apart.error).toBe(often)
  apart.lookAgain(1_001)
  expect(apart.error).toBeGreaterThan(2 * often)
  const never = new UsualLatency()
  for (const tookMs of [10, 20, 30]) never.add(tookMs, false, 1_000)
  expect(never.error).toBeCloseTo(Math.sqrt(200 / 3) / 20)
})

test("what is usual follows what has changed, sooner when nothing was learnt for long", () => {
  const quick = new UsualLatency()
  for (let call = 0; call < 200; call++) quick.add(10, true, 1_000)
  for (let call = 0; call < 5; call++) quick.add(100, true, 1_000)
  expect(quick.usualMs).toBeLessThan(40)
  quick.lookAgain(2_000)
  for (let call = 0; call < 5; call++) quick.add(100, true, 1_000)
  expect(quick.usualMs).toBeGreaterThan(50)
  for (let call = 0; call < 200; call++) quick.add(100, true, 1_000)
  expect(quick.usualMs).toBeCloseTo(100, 0)
})
