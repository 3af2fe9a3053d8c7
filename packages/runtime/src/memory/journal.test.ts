import { expect, onTestFinished, test, vi } from "vitest"
import { createMemoryJournal } from "./journal.ts"

const leaseMs = 10_000

test("what the journal gives for a repetition is what was kept, whatever became of that since", async () => {
  const journal = createMemoryJournal()
  const output = { orderId: "1", lines: [{ sku: "a" }] }
  await journal.begin("key", "print", leaseMs)
  await journal.finish("key", { kind: "output", output })
  output.lines.push({ sku: "b" })
  expect(await journal.begin("key", "print", leaseMs)).toEqual({
    state: "done",
    outcome: { kind: "output", output: { orderId: "1", lines: [{ sku: "a" }] } },
  })
})

function freezeTime(): void {
  vi.useFakeTimers({ now: 0, toFake: ["Date"] })
  onTestFinished(() => void vi.useRealTimers())
}

test("a lease that has run out, or was given back, is taken by one who comes then, for as long as that one asks", async () => {
  freezeTime()
  const journal = createMemoryJournal()
  expect(await journal.begin("key", "print", 1_000)).toEqual({ state: "begun" })
  expect(await journal.begin("key", "print", 5_000)).toEqual({ state: "running", leasedUntil: 1_000 })
  vi.advanceTimersByTime(1_000)
  expect(await journal.begin("key", "print", 5_000)).toEqual({ state: "begun" })
  expect(await journal.begin("key", "print", 1_000)).toEqual({ state: "running", leasedUntil: 6_000 })
  await journal.abandon("key")
  expect(await journal.begin("key", "print", 1_000)).toEqual({ state: "begun" })
})

test("the first answer stays, whoever ends or gives back later, and is remembered from then on", async () => {
  freezeTime()
  const journal = createMemoryJournal()
  await journal.begin("key", "print", 1_000)
  vi.advanceTimersByTime(20_000)
  await journal.finish("key", { kind: "output", output: "first" })
  vi.advanceTimersByTime(5_000)
  await journal.finish("key", { kind: "output", output: "second" })
  await journal.abandon("key")
  await journal.finish("another key", { kind: "output", output: "never begun" })
  expect(await journal.forget(10_000)).toBe(0)
  expect(await journal.begin("key", "print", 1_000)).toEqual({ state: "done", outcome: { kind: "output", output: "first" } })
  expect(await journal.begin("another key", "print", 1_000)).toEqual({ state: "begun" })
  expect(await journal.forget(4_000)).toBe(1)
})

test("the oldest keys are forgotten first when there are too many, and none that has not ended", async () => {
  freezeTime()
  const journal = createMemoryJournal()
  await journal.begin("running", "", leaseMs)
  for (let number = 0; number < 150_000; number++) {
    await journal.begin(`key ${number}`, "", leaseMs)
    await journal.finish(`key ${number}`, { kind: "output", output: number })
  }
  const stateOf = async (key: string) => (await journal.begin(key, "", leaseMs)).state
  expect(await stateOf("running")).toBe("running")
  expect(await stateOf("key 149999")).toBe("done")
  expect(await stateOf("key 60000")).toBe("done")
  expect(await stateOf("key 40000")).toBe("begun")
})

test("the oldest keys are forgotten first when their answers are too large altogether, however few they are", async () => {
  const journal = createMemoryJournal()
  await journal.begin("running", "", leaseMs)
  const output = "x".repeat(1_000_000)
  for (let number = 0; number < 100; number++) {
    await journal.begin(`key ${number}`, "", leaseMs)
    await journal.finish(`key ${number}`, { kind: "output", output })
  }
  const stateOf = async (key: string) => (await journal.begin(key, "", leaseMs)).state
  expect(await stateOf("running")).toBe("running")
  expect(await stateOf("key 99")).toBe("done")
  expect(await stateOf("key 40")).toBe("done")
  expect(await stateOf("key 30")).toBe("begun")
})

test("work that was given up does not fill the journal: the oldest of it makes room, and is forgotten in the end", async () => {
  const journal = createMemoryJournal()
  const giveUp = async (from: number, to: number) => {
    const before = process.cpuUsage()
    for (let number = from; number < to; number++) {
      await journal.begin(`key ${number}`, "print", leaseMs)
      await journal.abandon(`key ${number}`)
    }
    return process.cpuUsage(before).user / 1_000
  }
  await giveUp(0, 100_000)
  // Each looked at all that was given up before.
  expect(await giveUp(100_000, 101_000)).toBeLessThan(500)
  expect((await journal.begin("key 0", "another", leaseMs)).state).toBe("begun")
  expect((await journal.begin("key 100999", "another", leaseMs)).state).toBe("reused")
  await journal.begin("running", "print", leaseMs)
  expect(await journal.forget(60_000)).toBe(0)
  expect(await journal.forget(-1)).toBeGreaterThan(90_000)
  expect((await journal.begin("running", "print", leaseMs)).state).toBe("running")
})
