import { Fault } from "@hanok/contract"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { createJobs } from "./jobs.ts"

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const hour = 3_600_000
/** Later than a run is seen to by who begins after it was due. */
const betweenTurns = 150_000

beforeEach(() => void vi.useFakeTimers({ now: 0, toFake: ["setInterval", "clearInterval", "Date"] }))
afterEach(() => void vi.useRealTimers())

/** The ticks that a job has run for. */
function begin(everyMs: number) {
  const ticks: number[] = []
  const jobs = createJobs([{ name: "job", everyMs, run: async (tick) => void ticks.push(tick) }], silent)
  return { ticks, close: () => jobs.close() }
}

test("a job runs once for each of its ticks", async () => {
  const { ticks, close } = begin(100)
  await vi.advanceTimersByTimeAsync(450)
  await close()
  expect(ticks).toEqual([1, 2, 3, 4])
})

test("a job that runs seldom runs in its turn, however often its processes begin anew", async () => {
  vi.setSystemTime(betweenTurns)
  const ran: number[] = []
  for (let start = 0; start < 4; start++) {
    const { ticks, close } = begin(24 * hour)
    await vi.advanceTimersByTimeAsync(23 * hour)
    await close()
    ran.push(...ticks)
  }
  expect(ran).toEqual([1, 2, 3])
})

test("a run that is due while its processes are replaced is not lost: who begins after that sees to it", async () => {
  vi.setSystemTime(24 * hour - 30_000)
  const former = begin(24 * hour)
  await vi.advanceTimersByTimeAsync(40_000)
  const next = begin(24 * hour)
  await vi.advanceTimersByTimeAsync(5_000)
  await former.close()
  await vi.advanceTimersByTimeAsync(120_000)
  await next.close()
  expect([former.ticks, next.ticks]).toEqual([[], [1]])
})

test("who begins long after a run was due leaves it alone", async () => {
  vi.setSystemTime(24 * hour + betweenTurns)
  const { ticks, close } = begin(24 * hour)
  await vi.advanceTimersByTimeAsync(2 * hour)
  await close()
  expect(ticks).toEqual([])
})

test("a job that runs seldom is begun again within its turn when what it needs was away, and not when it has failed itself", async () => {
  vi.setSystemTime(betweenTurns)
  const tries: number[] = []
  const failures = [new Fault("UNAVAILABLE", "PostgreSQL is away."), new Fault("OVERLOADED", "No connection is free."), undefined]
  const run = async (tick: number) => {
    tries.push(tick)
    const failure = tick === 1 ? failures.shift() : new Error("broken")
    if (failure) throw failure
  }
  const jobs = createJobs([{ name: "job", everyMs: 24 * hour, run }], silent)
  await vi.advanceTimersByTimeAsync(24.5 * hour)
  expect(tries).toEqual([1, 1, 1])
  await vi.advanceTimersByTimeAsync(24 * hour)
  await jobs.close()
  expect(tries).toEqual([1, 1, 1, 2])
})

test("a job may run every month", async () => {
  vi.setSystemTime(betweenTurns)
  const { ticks, close } = begin(30 * 24 * hour)
  await vi.advanceTimersByTimeAsync(50)
  expect(ticks).toEqual([])
  await vi.advanceTimersByTimeAsync(61 * 24 * hour)
  await close()
  expect(ticks).toEqual([1, 2])
})

test("a job that runs seldom is not carried out anew when the clock is set back over its turn, and runs in its next one", async () => {
  vi.setSystemTime(betweenTurns)
  const { ticks, close } = begin(7 * 24 * hour)
  await vi.advanceTimersByTimeAsync(14 * 24 * hour + 120_000)
  expect(ticks).toEqual([1, 2])
  vi.setSystemTime(Date.now() - 600_000)
  await vi.advanceTimersByTimeAsync(300_000)
  expect(ticks).toEqual([1, 2])
  await vi.advanceTimersByTimeAsync(7 * 24 * hour + 600_000)
  await close()
  // The second is asked for once more, and the journal has it.
  expect(ticks).toEqual([1, 2, 2, 3])
})

test("two jobs of one name do not wait for each other: a module may call one of its own what the runtime calls one", async () => {
  const ticks: number[] = []
  const end = Promise.withResolvers<void>()
  const [name, everyMs] = ["gift.forget", 100]
  const own = { name, everyMs, run: () => end.promise }
  const jobs = createJobs([own, { name, everyMs, run: async (tick) => void ticks.push(tick) }], silent)
  await vi.advanceTimersByTimeAsync(250)
  expect(ticks).toEqual([1, 2])
  end.resolve()
  await jobs.close()
})

test("a job that fails again and again for one reason tells it once a minute, and another reason at once", async () => {
  const told: unknown[] = []
  let error: string | undefined = "the database is away"
  const run = async () => {
    if (error !== undefined) throw new Error(error)
  }
  const log = { ...silent, warn: (_message: string, fields?: { readonly error?: unknown }) => void told.push(fields?.error) }
  const jobs = createJobs([{ name: "job", everyMs: 1_000, run }], log)
  await vi.advanceTimersByTimeAsync(59_500)
  expect(told).toEqual(["the database is away"])
  await vi.advanceTimersByTimeAsync(3_000)
  expect(told).toEqual(["the database is away", "the database is away"])
  error = "no such table"
  await vi.advanceTimersByTimeAsync(2_000)
  error = undefined
  await vi.advanceTimersByTimeAsync(1_000)
  error = "no such table"
  await vi.advanceTimersByTimeAsync(2_000)
  expect(told).toEqual(["the database is away", "the database is away", "no such table", "no such table"])
  await jobs.close()
})

test("where a job failed is told with why, but not of a fault, which says what is to be done", async () => {
  const told: unknown[] = []
  const errors = [new TypeError("the rate is undefined"), new Fault("UNAVAILABLE", "PostgreSQL is away.")]
  const run = async () => {
    throw errors.shift()
  }
  const log = { ...silent, warn: (_message: string, fields?: object) => void told.push(fields) }
  const jobs = createJobs([{ name: "job", everyMs: 1_000, run }], log)
  await vi.advanceTimersByTimeAsync(2_500)
  await jobs.close()
  expect(told).toEqual([
    {
      job: "job",
      error: "the rate is undefined",
      stack: expect.stringMatching(/^TypeError: the rate is undefined\n +at .*jobs\.test\.ts/),
    },
    { job: "job", error: "PostgreSQL is away." },
  ])
})

test("who closes waits for the run that is under way, and begins no other", async () => {
  const [end, ticks, ended] = [Promise.withResolvers<void>(), new Array<number>(), new Array<string>()]
  const run = async (tick: number) => {
    ticks.push(tick)
    await end.promise
    ended.push("run")
  }
  const jobs = createJobs([{ name: "job", everyMs: 100, run }], silent)
  await vi.advanceTimersByTimeAsync(150)
  const closed = jobs.close().then(() => ended.push("close"))
  await vi.advanceTimersByTimeAsync(500)
  end.resolve()
  await closed
  expect([ticks, ended]).toEqual([[1], ["run", "close"]])
})
