import { setImmediate } from "node:timers/promises"
import { Fault, Refusal } from "@hanok/contract"
import type { Priority } from "@hanok/contract"
import * as fc from "fast-check"
import { afterEach, expect, onTestFinished, test, vi } from "vitest"
import { endingOf, Gate } from "./gate.ts"
import type { GateOptions, Visit } from "./gate.ts"
import { simulate, usefulIn } from "./processor.fixture.ts"
import { wish } from "./rendezvous.ts"

const clock = { nowMs: 0 }
const gates: Gate[] = []
afterEach(() => {
  for (const gate of gates.splice(0)) gate.close()
  clock.nowMs = 0
})

function gateOf(options: Partial<GateOptions> = {}): Gate {
  const gate = new Gate({
    name: "echo",
    most: 10,
    least: 8,
    allowanceMs: 25,
    patientMs: 100,
    retryAfterMs: 100,
    now: () => clock.nowMs,
    // Between what a test does the event loop has gone round.
    nextTurn: (next) => next(),
    ...options,
  })
  gates.push(gate)
  return gate
}

interface Visitor extends Visit {
  state: "waiting" | "in" | "gone" | Fault
}

interface More {
  readonly priority?: "low" | "normal" | "high"
  readonly caller?: string
  readonly remainingMs?: number
}

function visit(gate: Gate, more: More = {}): Visitor {
  const visitor = visitorOf(gate, more)
  gate.enter(visitor)
  return visitor
}

function visitorOf(gate: Gate, more: More): Visitor {
  const { priority = "normal", caller = "order", remainingMs = 5_000 } = more
  const visitor: Visitor = {
    operation: gate.operation(`${priority} operation`, priority),
    compartment: gate.compartment(caller),
    deadlineMs: clock.nowMs + remainingMs,
    gateAtMs: 0,
    isIn: false,
    company: "many",
    state: "waiting",
    begin: () => void (visitor.state = "in"),
    shed: (fault) => void (visitor.state = fault),
  }
  return visitor
}

const shed = (visitor: Visitor) => visitor.state instanceof Error && visitor.state.code

test("what there is no room for waits for its turn", () => {
  const gate = gateOf({ most: 1 })
  const [first, second] = [visit(gate), visit(gate)]
  expect([first.state, second.state, gate.load]).toEqual(["in", "waiting", { inFlight: 1, limit: 1, queued: 1 }])
  gate.leave(first, "done")
  expect([second.state, gate.load.queued]).toEqual(["in", 0])
})

test("who has all that one caller may have is told so, in place of how much is carried out for all", () => {
  const gate = gateOf({ most: 8 })
  visit(gate, { caller: "gift" })
  const order = Array.from({ length: 5 }, () => visit(gate, { caller: "order" }))
  const more = visit(gate, { caller: "order" })
  expect([...order.map(({ state }) => state), more.state]).toEqual([...order.map(() => "in"), "waiting"])
  gate.close()
  expect(String(more.state)).toContain("echo carries out 5 calls of order at once, and has room for 8 of all; one of priority normal")
})

test("of very many callers those are forgotten that neither call nor are connected", () => {
  const gate = gateOf({ most: 1 })
  const others = (count: number) => Array.from({ length: count }, (_, number) => gate.compartment(`report ${number}`))
  const [connected, calling, waiting] = [gate.keep("order"), visit(gate, { caller: "gift" }), visit(gate, { caller: "cart" })]
  others(5_000)
  expect(gate.compartments.length).toBeLessThanOrEqual(1_000)
  expect([waiting.state, ...["order", "gift", "cart"].map((name) => gate.compartment(name))]).toEqual([
    "waiting",
    connected,
    calling.compartment,
    waiting.compartment,
  ])
  gate.letGo(connected)
  gate.withdraw(waiting)
  gate.leave(calling, "done")
  others(5_000)
  expect(gate.compartments.filter(({ name }) => !name.startsWith("report"))).toEqual([])
})

/** Calls that keep the processor busy for 20 ms each, and come as requests on connections of their own do: what one is answered with comes before the next. */
async function computing(gate: Gate, calling: readonly (Priority | More)[], part: "at once" | "after a moment") {
  const begun: Visitor[] = []
  const compute = () => void (clock.nowMs += 20)
  const calls = calling.map((more) => {
    const call = visitorOf(gate, typeof more === "string" ? { priority: more } : more)
    call.begin = () => {
      begun.push(call)
      if (part === "at once") compute()
      void Promise.resolve().then(() => {
        if (part === "after a moment") compute()
        gate.leave(call, "done")
      })
    }
    return call
  })
  for (const call of calls) {
    gate.enter(call)
    await Promise.resolve()
  }
  return { calls, begun: () => begun.map((call) => calls.indexOf(call)) }
}

test("calls that compute are begun for a while, the most important of the others in later turns of the event loop, and what waits too long is shed", async () => {
  const gate = gateOf({ nextTurn: undefined })
  const { calls, begun } = await computing(gate, ["low", "normal", "low", "normal", "low", "high"], "at once")
  expect([begun(), gate.load]).toMatchObject([[0, 1], { inFlight: 0, queued: 4 }])
  await setImmediate()
  expect(begun().slice(2)).toEqual([5, 3])
  clock.nowMs += 101
  gate.tidy()
  expect(calls.map(shed)).toEqual([false, false, "OVERLOADED", false, "OVERLOADED", false])
  expect(String(calls[2]?.state)).toContain("echo is kept busy by calls that compute without a pause; one of priority low was not begun.")
})

test("of calls that compute and wait for their turn every eighth is one of less importance", async () => {
  const gate = gateOf({ nextTurn: undefined, patientMs: 10_000 })
  const priorities = [...Array.from({ length: 22 }, () => "high" as const), "low", "low"] as const
  const { begun } = await computing(gate, priorities, "at once")
  while (begun().length < priorities.length) await setImmediate()
  expect([22, 23].map((call) => begun().indexOf(call))).toEqual([9, 17])
})

test("calls that compute only after they have waited for something are seen to do so when the first has ended", async () => {
  const gate = gateOf({ nextTurn: undefined })
  const { begun } = await computing(gate, ["normal", "normal", "normal", "normal", "normal"], "after a moment")
  expect([begun(), gate.load]).toMatchObject([[0, 1, 2], { inFlight: 0, queued: 2 }])
  await setImmediate()
  expect(begun().slice(3)).toEqual([3, 4])
})

test("who waits too long is shed and told when to come again, and sooner when the queue does not get empty", () => {
  const gate = gateOf({ most: 1 })
  const first = visit(gate)
  const second = visit(gate)
  clock.nowMs = 90
  const third = visit(gate)
  gate.tidy()
  expect(second.state).toBe("waiting")
  clock.nowMs = 101
  gate.tidy()
  expect(second.state).toMatchObject({ code: "OVERLOADED", retryAfterMs: 100 })
  expect(third.state).toBe("waiting")
  clock.nowMs = 111
  gate.tidy()
  expect([shed(third), first.state]).toEqual(["OVERLOADED", "in"])
})

test("the least important are shed first, and the most important find room where others do not", () => {
  const gate = gateOf({ most: 10 })
  const low = Array.from({ length: 10 }, () => visit(gate, { priority: "low" }))
  const normal = Array.from({ length: 5 }, () => visit(gate))
  const high = visit(gate, { priority: "high" })
  expect([low, normal, [high]].map((list) => list.filter(({ state }) => state === "in").length)).toEqual([7, 2, 1])
  // The queue has not been empty for a while, and holds sixteen; the others make place, but for the eighth that is theirs.
  clock.nowMs = 101
  const more = Array.from({ length: 12 }, () => visit(gate, { priority: "high" }))
  expect([low, normal].map((list) => list.filter((visitor) => shed(visitor) === "OVERLOADED").length)).toEqual([1, 1])
  expect(more.every(({ state }) => state === "waiting")).toBe(true)
  expect((["low", "normal", "high"] as const).map((priority) => gate.shedsAtOnce(priority, gate.compartment("order"))?.code)).toEqual([
    "OVERLOADED",
    "OVERLOADED",
    "OVERLOADED",
  ])
  gate.leave(high, "done")
  expect(more[0]?.state).toBe("in")
})

test("important calls do not starve the others: in a full house an eighth of the limit, and of the queue, is theirs", () => {
  const gate = gateOf({ most: 16 })
  const high = Array.from({ length: 60 }, () => visit(gate, { priority: "high" }))
  clock.nowMs = 101
  const low = Array.from({ length: 4 }, () => visit(gate, { priority: "low" }))
  const normal = Array.from({ length: 4 }, () => visit(gate))
  for (const one of high.slice(0, 6)) gate.leave(one, "done")
  expect([low, normal, high].map((list) => list.filter(({ isIn }) => isIn).length)).toEqual([2, 2, 12])
  expect([low, normal].map((list) => list.filter((visitor) => shed(visitor) === "OVERLOADED").length)).toEqual([2, 2])
  // They keep what is theirs as long as any of them wait, and get no more.
  low.push(visit(gate, { priority: "low" }), visit(gate, { priority: "low" }))
  if (low[0]) gate.leave(low[0], "done")
  if (high[6]) gate.leave(high[6], "done")
  expect([low, normal, high].map((list) => list.filter(({ isIn }) => isIn).length)).toEqual([2, 2, 12])
})

test("one caller leaves room for the others", () => {
  const gate = gateOf({ most: 8 })
  visit(gate, { caller: "gift" })
  const greedy = Array.from({ length: 20 }, () => visit(gate, { priority: "high" }))
  expect(greedy.filter(({ state }) => state === "in")).toHaveLength(6)
  expect(visit(gate, { caller: "gift", priority: "high" }).state).toBe("in")
})

test("a caller whose calls fill the queue costs those nothing that have room", () => {
  const gate = gateOf({ most: 8 })
  const [greedy, other] = [gate.compartment("order"), gate.compartment("gift")]
  const order = Array.from({ length: 22 }, () => visit(gate))
  clock.nowMs = 101
  expect(gate.load).toEqual({ inFlight: 6, limit: 8, queued: 16 })
  expect(gate.shedsAtOnce("normal", greedy)).toMatchObject({ code: "OVERLOADED" })
  // There is room for one of them, and others wait for their turn in place of those that have had theirs.
  expect([gate.shedsAtOnce("normal", other), gate.shedsAtOnce("low", other)]).toEqual([undefined, undefined])
  const gifts = [1, 2, 3].map(() => visit(gate, { caller: "gift" }))
  expect(gifts.map(({ state }) => state)).toEqual(["in", "waiting", "waiting"])
  expect([shed(visit(gate)), order.filter((one) => shed(one) === "OVERLOADED").length]).toEqual(["OVERLOADED", 2])
  if (gifts[0]) gate.leave(gifts[0], "done")
  expect(gifts[1]?.state).toBe("in")
})

test("a caller that has room is found behind however many calls of one that has none", () => {
  const gate = gateOf({ most: 8 })
  const gifts = [visit(gate, { caller: "gift", priority: "high" }), visit(gate, { caller: "gift", priority: "high" })]
  const greedy = Array.from({ length: 200 }, () => visit(gate, { priority: "high" }))
  const [third, waiting] = [visit(gate, { caller: "gift", priority: "high" }), visit(gate, { caller: "gift", priority: "high" })]
  expect([greedy.filter(({ isIn }) => isIn).length, third.state, waiting.state]).toEqual([5, "in", "waiting"])
  for (const gift of gifts) gate.leave(gift, "done")
  expect([greedy.filter(({ isIn }) => isIn).length, waiting.state]).toEqual([5, "in"])
})

test("however many callers want more than there is, one that asks for little finds room at once", () => {
  for (const flooding of [["order"], ["order", "gift"], ["order", "gift", "stock"]]) {
    const gate = gateOf({ most: 64, least: 64 })
    visit(gate, { caller: "report" })
    for (let call = 0; call < 200; call++) for (const caller of flooding) visit(gate, { caller })
    // What is under way does not end.
    expect([1, 2].map(() => visit(gate, { caller: "report" }).state)).toEqual(["in", "in"])
    const shares = flooding.map((caller) => gate.compartment(caller).inFlight)
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThan(2)
    expect(gate.load.inFlight).toBeGreaterThan(64 * (2 / 3))
  }
})

test("callers whose calls wait take turns, so that one that asks for little waits for no more than one of each", async () => {
  const gate = gateOf({ nextTurn: undefined, patientMs: 10_000 })
  const flood = Array.from({ length: 20 }, () => [{ caller: "order" }, { caller: "gift" }]).flat()
  const { begun } = await computing(gate, [...flood, { caller: "report" }], "at once")
  while (begun().length <= flood.length) await setImmediate()
  expect(begun().indexOf(flood.length)).toBeLessThan(5)
})

test("in a full queue those of the caller that has most make place for one of a caller that has less", () => {
  const gate = gateOf({ most: 8 })
  const flood = Array.from({ length: 23 }, (_, call) => visit(gate, { caller: call % 2 === 0 ? "order" : "gift" }))
  clock.nowMs = 101
  const inside = visit(gate, { caller: "report" })
  const reports = [1, 2, 3].map(() => visit(gate, { caller: "report" }))
  expect([inside, ...reports].map(({ state }) => state)).toEqual(["in", "waiting", "waiting", "waiting"])
  expect([shed(visit(gate, { caller: "order" })), gate.load.queued]).toEqual(["OVERLOADED", 16])
  expect(flood.slice(-4).map(shed)).toEqual([false, "OVERLOADED", "OVERLOADED", "OVERLOADED"])
})

test("a queue that was empty meanwhile takes up another burst, however long ago it began", () => {
  const gate = gateOf({ most: 1 })
  let inside = visit(gate)
  for (const nowMs of [0, 10_000, 20_000]) {
    clock.nowMs = nowMs
    const waiting = Array.from({ length: 50 }, () => visit(gate))
    clock.nowMs += 90
    gate.tidy()
    expect(waiting.every(({ state }) => state === "waiting")).toBe(true)
    for (const next of waiting) {
      gate.leave(inside, "done")
      inside = next
    }
  }
})

test("it looks after those that wait by itself, and has no timer when nobody does", () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
  onTestFinished(() => void vi.useRealTimers())
  const gate = gateOf({ most: 1 })
  const first = visit(gate)
  expect(vi.getTimerCount()).toBe(0)
  const [impatient, second] = [visit(gate), visit(gate)]
  gate.withdraw(second)
  expect(vi.getTimerCount()).toBe(1)
  clock.nowMs = 101
  vi.advanceTimersByTime(20)
  expect([shed(impatient), vi.getTimerCount()]).toEqual(["OVERLOADED", 0])
  const third = visit(gate)
  gate.leave(first, "done")
  expect([third.state, vi.getTimerCount()]).toEqual(["in", 0])
  gate.withdraw(visit(gate))
  expect(vi.getTimerCount()).toBe(0)
  visit(gate)
  gate.close()
  expect(vi.getTimerCount()).toBe(0)
})

test("what was let in, what was shed and what came too late is counted, each by itself", () => {
  const gate = gateOf({ most: 1 })
  const first = visit(gate)
  for (const priority of ["low", "normal", "normal", "high", "high", "high"] as const) visit(gate, { priority })
  clock.nowMs = 101
  gate.tidy()
  gate.leave(first, "done")
  expect(visit(gate, { remainingMs: 50 }).state).toMatchObject({ code: "DEADLINE_EXCEEDED" })
  expect(gate.counts).toEqual({ admitted: 1, shed: { low: 1, normal: 2, high: 3 }, late: 1, rateLimited: 0 })
  visit(gate)
  for (let waiting = 0; waiting < 1_125; waiting++) visit(gate)
  const before = gate.counts.shed.normal
  expect(gate.shedsAtOnce("normal", gate.compartment("order"))).toMatchObject({
    code: "OVERLOADED",
    message: expect.stringContaining("echo carries out 1 calls at once"),
  })
  expect(gate.counts.shed.normal).toBe(before + 1)
})

test("how long an operation takes at least is learnt from all of its calls, whatever the requests are worth", () => {
  const gate = gateOf()
  const low = { ...visit(gate, { priority: "low" }), operation: gate.operation("browse", "low") }
  clock.nowMs = 100
  gate.leave(low, "done")
  expect(gate.operation("browse", "high").usual.fastestMs(100)).toBe(100)
})

test("a refusal is an answer, a call whose caller went away has not failed, and all else has", () => {
  const refusal = new Refusal("order", "place", "SOLD_OUT", {})
  const faults = (["CANCELLED", "DEADLINE_EXCEEDED", "INTERNAL"] as const).map((code) => new Fault(code, "x"))
  expect([refusal, ...faults].map(endingOf)).toEqual(["done", "cut", "failed", "failed"])
})

test("what cannot make its deadline does not begin", () => {
  const gate = gateOf()
  const [before, hanging] = [visit(gate), visit(gate)]
  clock.nowMs = 20
  gate.leave(hanging, "failed")
  clock.nowMs = 50
  gate.leave(before, "done")
  const late = visit(gate, { remainingMs: 30 })
  expect(late.state).toMatchObject({ code: "DEADLINE_EXCEEDED", message: expect.stringContaining("30.0 ms are left") })
  expect([gate.counts.late, gate.load.inFlight]).toEqual([1, 0])
})

test("one call a second is begun that could not make it by what is known, and all when nothing was done for a while", () => {
  const gate = gateOf()
  const first = visit(gate)
  clock.nowMs = 600
  gate.leave(first, "done")
  const outcomes = [700, 1_500, 1_600, 1_700, 2_600, 2_700, 10_601, 10_602].map((nowMs) => {
    clock.nowMs = nowMs
    const one = visit(gate, { remainingMs: 300 })
    return shed(one) || one.state
  })
  const late = "DEADLINE_EXCEEDED"
  expect(outcomes).toEqual([late, late, "in", late, "in", late, "in", "in"])
})

test("a first call that was slow keeps those with less time out for a second at most", () => {
  const gate = gateOf()
  const slow = visit(gate)
  clock.nowMs = 800
  gate.leave(slow, "done")
  clock.nowMs = 1_800
  expect(visit(gate, { remainingMs: 0 }).state).toMatchObject({ code: "DEADLINE_EXCEEDED" })
  const trial = visit(gate, { remainingMs: 300 })
  clock.nowMs = 1_805
  gate.leave(trial, "done")
  expect(visit(gate, { remainingMs: 300 }).state).toBe("in")
})

test("who goes away while waiting is not let in, and closing sheds all that wait", () => {
  const gate = gateOf({ most: 1 })
  const first = visit(gate)
  const [gone, waiting] = [visit(gate), visit(gate)]
  gate.withdraw(gone)
  gate.close()
  gate.leave(first, "done")
  expect([gone.state, shed(waiting), gate.load.inFlight]).toEqual(["waiting", "OVERLOADED", 0])
})

test("whoever comes and goes, no more are in than the limit, none is forgotten, and all leave it empty", () => {
  const step = fc.record({
    what: fc.constantFrom("enter", "leave", "withdraw", "tidy"),
    priority: fc.constantFrom("low" as const, "normal" as const, "high" as const),
    caller: fc.constantFrom("order", "gift"),
    which: fc.nat(1_000),
    afterMs: fc.nat(60),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: "max" }), fc.integer({ min: 1, max: 12 }), (steps, most) => {
      const gate = gateOf({ most })
      const visitors: Visitor[] = []
      for (const { what, priority, caller, which, afterMs } of steps) {
        clock.nowMs += afterMs
        const known = visitors[which % Math.max(1, visitors.length)]
        if (what === "enter") visitors.push(visit(gate, { priority, caller }))
        else if (what === "tidy") gate.tidy()
        else if (what === "leave" && known?.state === "in") gate.leave(known, "done")
        else if (what === "withdraw" && known?.state === "waiting") {
          known.state = "gone"
          gate.withdraw(known)
        }
        const inside = visitors.filter(({ isIn }) => isIn).length
        expect(gate.load.inFlight).toBe(inside)
        expect(inside).toBeLessThanOrEqual(most)
        gate.tidy()
        expect(waitingInVain(gate, visitors)).toEqual([])
      }
      gate.close()
      for (const visitor of visitors) gate.leave(visitor, "cut")
      expect(gate.load).toMatchObject({ inFlight: 0, queued: 0 })
      expect([gate.compartment("order").inFlight, gate.compartment("gift").inFlight]).toEqual([0, 0])
    }),
  )
})

/** Those for whom there would be room. */
function waitingInVain(gate: Gate, visitors: readonly Visitor[]): readonly Visitor[] {
  const { inFlight, limit } = gate.load
  const shares = { high: 1, normal: 0.9, low: 0.7 }
  return visitors.filter(({ state, operation: { priority }, compartment }) => {
    if (state !== "waiting" || inFlight >= Math.max(1, limit * shares[priority])) return false
    const isAlone = new Set(visitors.map((visitor) => visitor.compartment)).size < 2
    return isAlone || compartment.inFlight < Math.max(1, limit / 8, (limit * Math.max(shares[priority], 0.9) - inFlight) * 3)
  })
}

const simulated = (now: () => number) => gateOf({ most: 1_000, now })

test("ten times the load a processor can bear leaves it doing nine tenths of what it can, quickly", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 2, max: 10 }), (workMs, surge) => {
      const { jobs } = simulate(simulated, { workMs, waitMs: 0, callsPerSecond: (1000 / workMs) * surge, seconds: 30 })
      const useful = usefulIn(jobs, 10_000, 30_000)
      expect(useful.length).toBeGreaterThan(0.9 * 20 * (1000 / workMs))
      const took = useful.map(({ arrivedMs, doneMs }) => doneMs - arrivedMs).toSorted((a, b) => a - b)
      expect(took[Math.floor(took.length * 0.99)]).toBeLessThan(600)
    }),
    {
      numRuns: 12,
      examples: [
        [20, 9],
        [20, 10],
      ],
    },
  )
})

test("a process that starts into an overload lets in as many as are good once it has looked, and not as many as before", () => {
  const { jobs } = simulate(simulated, { workMs: 20, waitMs: 0, callsPerSecond: 450, seconds: 10 })
  // What was let in before it knew anything takes till then.
  expect(usefulIn(jobs, 2_500, 10_000).length).toBeGreaterThan(0.85 * 7.5 * 50)
})

const aboutMs = (meanMs: number) => (call: number) => -Math.log((wish(call, 1) + 0.5) / 2 ** 32) * meanMs
const starts = [
  ["each for a time of its own, 200 ms in the mean", aboutMs(200), 500],
  ["each for a time of its own, 700 ms in the mean", aboutMs(700), 143],
  ["each for a time of its own, 2000 ms in the mean", aboutMs(2_000), 50],
  ["half of them for 1 ms and half for 500 ms, as hits and misses of a cache", (call: number) => (wish(call, 7) % 2 === 0 ? 1 : 500), 400],
  ["one in ten for ten times as long", (call: number) => (wish(call, 3) % 10 === 0 ? 5_260 : 526), 100],
] as const

test.each(starts)("calls that wait for others, %s, are not shed because the process has only just started", (_, waitMs, callsPerSecond) => {
  const { jobs } = simulate((now) => gateOf({ most: 1_000, least: 32, now }), { workMs: 0.1, waitMs, callsPerSecond, seconds: 10 })
  expect(jobs.filter(({ outcome }) => outcome === "shed")).toHaveLength(0)
})

test("calls that wait for others, not for the processor, are not limited for it", () => {
  const load = { workMs: 1, waitMs: 300, callsPerSecond: 800, seconds: 20 }
  const { jobs, gate } = simulate(simulated, load)
  const answered = jobs.filter(({ outcome }) => outcome === "done").length
  expect(answered).toBeGreaterThan(0.95 * jobs.length - 300)
  expect(gate.load.limit).toBeGreaterThan(240)
})

test.each([200, 700, 1_200, 2_000])(
  "calls that wait for others, each for a time of its own, %i ms in the mean, are seldom limited for it",
  (meanMs) => {
    // Half of them wait for less than two thirds of the mean, some for several times as long; about a hundred are under way.
    const waitMs = (call: number) => -Math.log((wish(call, 1) + 0.5) / 2 ** 32) * meanMs
    const load = { workMs: 0.1, waitMs, callsPerSecond: 100_000 / meanMs, seconds: 60 }
    const { jobs } = simulate((now) => gateOf({ most: 1_000, least: 32, now }), load)
    const those = jobs.filter(({ arrivedMs }) => arrivedMs > 10_000 && arrivedMs < 50_000)
    expect(those.filter(({ outcome }) => outcome === "done").length).toBeGreaterThan(0.95 * those.length)
  },
)

test("of calls that wait for others, one in ten for ten times as long, hardly any is shed for it", () => {
  const answered = [1, 2, 3, 4, 5, 6].map((seed) => {
    const waitMs = (call: number) => (wish(call, seed) % 10 === 0 ? 5_260 : 526)
    const load = { workMs: 0.1, waitMs, callsPerSecond: 100, seconds: 80 }
    const { jobs } = simulate((now) => gateOf({ most: 1_000, least: 32, now }), load)
    const those = jobs.filter(({ arrivedMs }) => arrivedMs > 20_000 && arrivedMs < 70_000)
    return those.filter(({ outcome }) => outcome === "done").length / those.length
  })
  expect(answered.reduce((sum, share) => sum + share, 0) / answered.length).toBeGreaterThan(0.97)
})

test("it is all one what the clock showed when the process began", () => {
  const outcomesFrom = (originMs: number) => {
    const load = { workMs: 5, waitMs: 500, callsPerSecond: 400, seconds: 10 }
    return simulate(simulated, load, originMs).jobs.map(({ outcome }) => outcome)
  }
  expect(outcomesFrom(Date.UTC(2026))).toEqual(outcomesFrom(0))
})

test("that calls failed quickly does not make those too many that take as long as ever", () => {
  const isAway = (nowMs: number) => nowMs > 20_000 && nowMs < 21_000
  const { jobs } = simulate(simulated, { workMs: 1, waitMs: 800, callsPerSecond: 400, seconds: 40, isAway })
  const after = jobs.filter(({ arrivedMs }) => arrivedMs > 21_000 && arrivedMs < 39_000)
  expect(after.filter(({ outcome }) => outcome === "done").length).toBeGreaterThan(0.95 * after.length)
})

test("in a surge of calls that are stopped when they are not done soon, as many are done as there is time for", { timeout: 60_000 }, () => {
  const [work, surges, ends] = [fc.integer({ min: 1, max: 50 }), fc.integer({ min: 2, max: 10 }), fc.constantFrom("cut", "failed" as const)]
  fc.assert(
    fc.property(work, surges, ends, (workMs, surge, as) => {
      const load = { workMs, waitMs: 0, callsPerSecond: (1000 / workMs) * surge, seconds: 30, stop: { afterMs: 1_000, as } }
      expect(usefulIn(simulate(simulated, load).jobs, 10_000, 30_000).length).toBeGreaterThan(0.8 * 20 * (1000 / workMs))
    }),
    {
      numRuns: 12,
      // The first call is done just before all others are stopped.
      examples: [
        [18, 10, "cut"],
        [23, 8, "cut"],
        [39, 6, "cut"],
      ],
    },
  )
})

test("callers that soon need no answer any more, as those who type what they look for, leave as much room as there was", () => {
  const load = { workMs: 0.1, waitMs: (call: number) => (call % 3 === 0 ? 20 : 60), callsPerSecond: 4_000, seconds: 10 }
  const { jobs, gate } = simulate(simulated, { ...load, stop: { afterMs: 40, as: "cut" } })
  expect(jobs.filter(({ outcome }) => outcome === "shed").length).toBeLessThan(0.05 * jobs.length)
  expect(gate.load.limit).toBeGreaterThan(128)
})

test("in a surge of long important calls the short ones of less importance are answered too, and cost them little", () => {
  const priority = (call: number) => (call % 5 === 0 ? "high" : "low")
  const workMs = { high: 40, normal: 1, low: 1 }
  // Five times what there is time for, and a fifth of the time for the short ones.
  const { jobs } = simulate(simulated, { workMs, waitMs: 0, callsPerSecond: 250, seconds: 40, priority })
  const doneOf = (name: string) => usefulIn(jobs, 10_000, 40_000).filter(({ operation }) => operation.priority === name).length / 30
  expect(doneOf("low")).toBeGreaterThan(50)
  expect(doneOf("high")).toBeGreaterThan(0.8 * (1_000 / workMs.high))
})

test("in a surge the most important calls are answered, and the least important are shed", () => {
  const priority = (call: number) => (call % 10 === 0 ? "high" : call % 2 === 0 ? "normal" : "low")
  const { jobs } = simulate(simulated, { workMs: 2, waitMs: 0, callsPerSecond: 2_000, seconds: 20, priority })
  const late = jobs.filter(({ arrivedMs }) => arrivedMs > 5_000 && arrivedMs < 19_000)
  const answered = (name: string) => {
    const those = late.filter(({ operation }) => operation.priority === name)
    return those.filter(({ outcome }) => outcome === "done").length / those.length
  }
  expect(answered("high")).toBeGreaterThan(0.99)
  expect(answered("normal")).toBeGreaterThan(0.25)
  expect(answered("low")).toBeLessThan(0.1)
})
