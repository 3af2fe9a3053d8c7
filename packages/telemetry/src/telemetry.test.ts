import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { readdir, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, onTestFinished, test, vi } from "vitest"
import { spanOf } from "./otlp/otlp.fixture.ts"
import type { LogRecord } from "./log-record.ts"
import type { SpanRecord } from "./span.ts"
import { createTelemetry } from "./telemetry.ts"
import { newFolder, openTelemetry } from "./telemetry.fixture.ts"

const id = (number: number, digits = 16) => (number + 1).toString(16).padStart(digits, "0")

/** A trace of a root and its child, which begins at `startMs`; 5 and 3 ms long. */
function pair(number: number, startMs: number, child: Partial<SpanRecord> = {}): readonly SpanRecord[] {
  const traceId = id(number, 32)
  const startNs = 1_800_000_000_000_000_000n + BigInt(startMs) * 1_000_000n
  const root = spanOf({ traceId, spanId: id(1), name: `request ${number}`, startNs, endNs: startNs + 5_000_000n })
  const below = { traceId, spanId: id(2), parentSpanId: id(1), name: "inner", service: "gift", kind: "internal" } as const
  return [root, spanOf({ ...below, startNs: startNs + 1_000_000n, endNs: startNs + 4_000_000n, ...child })]
}

function lineAt(timeNs: bigint, traceId: string): LogRecord {
  const body = `at ${timeNs}`
  return { timeNs, traceId, severity: 9, severityText: "info", body, spanId: "", service: "order", attributes: { order: 7 }, resource: {} }
}

test("a span comes back as it was added, with all that belongs to it", async () => {
  const telemetry = await openTelemetry()
  const span = spanOf({
    failed: true,
    message: "lost “it”",
    attributes: { n: 7, deep: { list: [1, "two", null, false] } },
    events: [{ name: "exception", timeNs: 1_800_000_000_000_000_001n, attributes: { "exception.type": "Error" } }],
    links: [{ traceId: id(8, 32), spanId: id(9), attributes: {} }],
    scope: { name: "pg", version: "8.1" },
    resource: { "service.name": "order", "service.instance.id": "a" },
  })
  await telemetry.add([span])
  expect((await telemetry.trace(span.traceId))?.roots).toMatchObject([{ span, durationNs: 5_000_000n, children: [] }])
  expect(await telemetry.trace(id(77, 32))).toBeUndefined()
})

test("an answer holds what was added before the question, even when nobody waited for the adding", async () => {
  const telemetry = await openTelemetry()
  const adding = Array.from({ length: 20 }, (_, number) => telemetry.add(pair(number, number)))
  expect(await telemetry.traces({ limit: 100 })).toHaveLength(20)
  await Promise.all(adding)
})

test("whoever asks much keeps nobody from writing", async () => {
  const telemetry = await openTelemetry()
  await telemetry.add(pair(0, 0))
  const ended: string[] = []
  const asking = Promise.all(Array.from({ length: 50 }, () => telemetry.traces())).then(() => ended.push("asked"))
  await telemetry.add([spanOf({ traceId: id(1, 32) })])
  ended.push("kept")
  await asking
  expect(ended).toEqual(["kept", "asked"])
  expect(await telemetry.traces()).toHaveLength(2)
})

test("what comes in soon after something was written is written together, however much it is, a moment later", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] })
  onTestFinished(() => void vi.useRealTimers())
  const telemetry = await openTelemetry()
  await telemetry.add(pair(0, 0))
  const kept: number[] = []
  const numbers = Array.from({ length: 400 }, (_, number) => number + 1)
  const adding = numbers.map((number) => telemetry.add(pair(number, number)).then(() => kept.push(number)))
  vi.advanceTimersByTime(199)
  await sleep(30)
  expect(kept).toEqual([])
  vi.advanceTimersByTime(1)
  await Promise.all(adding)
  expect(kept).toEqual(numbers)
})

test("whoever sends much, or one by one, asks, flushes or closes waits for no such moment", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] })
  onTestFinished(() => void vi.useRealTimers())
  const telemetry = await openTelemetry()
  await telemetry.add(pair(0, 0))
  await telemetry.add(Array.from({ length: 256 }, (_, number) => pair(number, number)).flat())
  await telemetry.add(pair(999, 1).slice(0, 1))
  const asked = telemetry.add(pair(1_000, 1))
  expect((await telemetry.trace(id(1_000, 32)))?.roots).toHaveLength(1)
  await asked
  const flushed = telemetry.add(pair(1_001, 1))
  await telemetry.flush()
  await flushed
  const last = telemetry.add(pair(1_002, 1))
  await telemetry.close()
  await last
})

test("traces are summed up and listed, newest first, page after page", async () => {
  const telemetry = await openTelemetry()
  // Hours apart, so that the search has to go further back.
  for (let number = 0; number < 7; number++) await telemetry.add(pair(number, number * 4_000_000))
  const first = await telemetry.traces({ limit: 4 })
  const rest = await telemetry.traces({ limit: 4, before: first.at(-1)?.startedAt ?? "" })
  expect([...first, ...rest].map(({ name }) => name)).toEqual([6, 5, 4, 3, 2, 1, 0].map((number) => `request ${number}`))
  expect(rest.at(-1)).toEqual({
    traceId: id(0, 32),
    name: "request 0",
    service: "order",
    startedAt: "2027-01-15T08:00:00.000000000Z",
    durationMs: 5,
    spans: 2,
    services: ["gift", "order"],
    failed: 0,
    complete: true,
  })
})

test("a trace that goes on for long is listed where it began, not where it ended", async () => {
  const telemetry = await openTelemetry()
  const [halfHour, hour] = [1_800_000, 3_600_000]
  const lateNs = 1_800_000_000_000_000_000n + BigInt(hour) * 1_000_000n
  await telemetry.add([...pair(0, 0, { startNs: lateNs, endNs: lateNs + 1n }), ...pair(1, halfHour), ...pair(2, hour)])
  expect((await telemetry.traces({ limit: 2 })).map(({ name }) => name)).toEqual(["request 2", "request 1"])
})

test("of traces that began at one moment none is left out between two pages", async () => {
  const telemetry = await openTelemetry()
  for (const number of [3, 1, 2, 5, 4]) await telemetry.add(pair(number, number === 5 ? 4_000_000 : 0))
  const found: string[] = []
  for (let page = await telemetry.traces({ limit: 2 }); page.length > 0;) {
    found.push(...page.map(({ name }) => name))
    const { startedAt = "", traceId = "" } = page.at(-1) ?? {}
    page = await telemetry.traces({ limit: 2, before: startedAt, beforeTrace: traceId })
  }
  expect(found).toEqual([5, 1, 2, 3, 4].map((number) => `request ${number}`))
})

test("traces are found by service, by a span's name, by their length, by whether something failed and by whether somebody was called", async () => {
  const telemetry = await openTelemetry()
  await telemetry.add([
    ...pair(0, 0),
    ...pair(1, 1, { service: "payment" }),
    ...pair(2, 2, { failed: true }),
    ...pair(3, 3, { name: "slow" }),
  ])
  await telemetry.add([...pair(4, 4, { endNs: 1_800_000_060_000_000_000n })])
  await telemetry.add([spanOf({ traceId: id(5, 32), spanId: id(1), name: "job", kind: "internal", service: "shop" })])
  const found = async (query: Parameters<typeof telemetry.traces>[0]) => (await telemetry.traces(query)).map(({ name }) => name)
  expect(await found({ service: "payment" })).toEqual(["request 1"])
  expect(await found({ errorsOnly: true })).toEqual(["request 2"])
  expect(await found({ name: "slow" })).toEqual(["request 3"])
  expect(await found({ minDurationMs: 1000 })).toEqual(["request 4"])
  expect(await found({ service: "nobody" })).toEqual([])
  expect(await found({ requestsOnly: true })).toEqual([4, 3, 2, 1, 0].map((number) => `request ${number}`))
  expect(await found({})).toContain("job")
})

test("a trace is found by any of its spans, whenever that began, as it came the last time", async () => {
  const telemetry = await openTelemetry()
  const minuteNs = 60_000_000_000n
  const [root, child] = pair(0, 0)
  if (!root || !child) throw new Error("a pair has two")
  const later = { startNs: root.startNs + 20n * minuteNs, endNs: root.endNs + 20n * minuteNs }
  await telemetry.add([root, { ...child, ...later, name: "charge", service: "payment", failed: true }, ...pair(1, 1_800_000)])
  const found = async (query: Parameters<typeof telemetry.traces>[0]) => (await telemetry.traces(query)).map(({ name }) => name)
  const wanted = { name: "charge", service: "payment", errorsOnly: true, requestsOnly: true }
  expect(await found(wanted)).toEqual(["request 0"])
  expect(await found({ ...wanted, service: "order" })).toEqual(["request 0"])
  await telemetry.add([{ ...child, ...later, name: "charge", service: "payment" }])
  expect([await found(wanted), await found({ ...wanted, errorsOnly: false })]).toEqual([[], ["request 0"]])
})

test("a span that comes twice counts once; a trace without its root, or without a parent, is not complete", async () => {
  const telemetry = await openTelemetry()
  const [root, child] = pair(0, 0)
  if (!root || !child) throw new Error("a pair has two")
  await telemetry.add([child])
  expect(await telemetry.traces()).toMatchObject([{ name: "", spans: 1, complete: false }])
  await telemetry.add([root, child])
  expect(await telemetry.traces()).toMatchObject([{ name: "request 0", spans: 2, complete: true }])
  await telemetry.add([{ ...child, spanId: id(3), parentSpanId: id(99) }])
  expect(await telemetry.traces()).toMatchObject([{ spans: 3, complete: false }])
  expect((await telemetry.trace(root.traceId))?.orphans.map(({ span }) => span.spanId)).toEqual([id(3)])
})

test("of a trace that never ends no more is read than a process can hold, and the rest is counted", async () => {
  const telemetry = await openTelemetry()
  const spans = Array.from({ length: 100_002 }, (_, number) => spanOf({ spanId: id(number), parentSpanId: number === 0 ? "" : id(0) }))
  await telemetry.add(spans.slice(0, 100_000))
  const whole = await telemetry.trace("a".repeat(32))
  expect([whole?.roots[0]?.children.length, whole?.omitted]).toEqual([99_999, 0])
  await telemetry.add(spans.slice(100_000))
  const first = await telemetry.trace("a".repeat(32))
  expect([first?.roots[0]?.children.length, first?.omitted]).toEqual([99_999, 2])
}, 60_000)

test("log lines are returned in the order of time, by trace", async () => {
  const telemetry = await openTelemetry()
  await telemetry.addLogs([lineAt(3n, "a"), lineAt(1n, "a"), lineAt(2n, "b")])
  expect((await telemetry.logs()).map(({ body }) => body)).toEqual(["at 1", "at 2", "at 3"])
  expect(await telemetry.logs({ traceId: "a", limit: 1 })).toEqual([lineAt(3n, "a")])
})

test("when too much waits to be written more is turned away and counted, and nothing waits for it", async () => {
  const telemetry = await openTelemetry({ capacity: 4 })
  const results = await Promise.allSettled([0, 1, 2, 3].map((number) => telemetry.add(pair(number, number))))
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "rejected"])
  expect(results[2]).toMatchObject({ reason: { code: "OVERLOADED", retryAfterMs: 1000 } })
  expect(telemetry.dropped).toBe(4)
  await telemetry.add(pair(5, 5))
  expect(await telemetry.traces()).toHaveLength(3)
})

test("what is too old is forgotten when the store is opened", async () => {
  const folder = await newFolder()
  const first = await createTelemetry({ folder })
  await first.add(pair(0, 0))
  await first.close()
  const kept = await createTelemetry({ folder })
  expect(await kept.traces()).toHaveLength(1)
  await kept.close()
  const telemetry = await openTelemetry({ folder, retention: { maxAgeMs: -1000 } })
  expect(await telemetry.traces()).toEqual([])
})

test("spans and log lines that become too old while the store is open are forgotten a minute later", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] })
  onTestFinished(() => void vi.useRealTimers())
  const minute = 60_000
  const telemetry = await openTelemetry({ retention: { maxAgeMs: 1.5 * minute } })
  await Promise.all([telemetry.add(pair(0, 0)), telemetry.addLogs([lineAt(1n, "a")])])
  vi.advanceTimersByTime(minute)
  expect([(await telemetry.traces()).length, (await telemetry.logs()).length]).toEqual([1, 1])
  vi.advanceTimersByTime(minute)
  expect([await telemetry.traces(), await telemetry.logs()]).toEqual([[], []])
})

test("when the database is too large the oldest is forgotten, and the newest is kept", async () => {
  const folder = await newFolder()
  const first = await createTelemetry({ folder })
  for (let batch = 0; batch < 40; batch++) {
    const noise = () => Array.from({ length: 40 }, () => Math.random().toString(36).slice(2)).join("")
    await first.add(
      Array.from({ length: 250 }, (_, index) => spanOf({ traceId: id(batch, 32), spanId: id(index), attributes: { noise: noise() } })),
    )
  }
  await first.close()
  const telemetry = await openTelemetry({ folder, retention: { maxSizeBytes: 3_000_000 } })
  const left = await telemetry.traces({ limit: 1000 })
  expect(left.length).toBeGreaterThan(0)
  expect(left.length).toBeLessThan(40)
  expect(left.map(({ traceId }) => traceId)).toContain(id(39, 32))
  expect(left.map(({ traceId }) => traceId)).not.toContain(id(0, 32))
})

test("of large spans no more is forgotten than it takes: the room of those that are is free at once", async () => {
  const folder = await newFolder()
  const first = await createTelemetry({ folder })
  for (let batch = 0; batch < 20; batch++) {
    const attributes = () => ({ prompt: randomBytes(3000).toString("base64") })
    await first.add(
      Array.from({ length: 60 }, (_, index) => spanOf({ traceId: id(batch, 32), spanId: id(index), attributes: attributes() })),
    )
  }
  await first.close()
  const [file = ""] = await readdir(folder)
  const maxSizeBytes = (await stat(join(folder, file))).size * 0.9
  // Whoever opens it again finds it small enough.
  for (let opened = 0; opened < 3; opened++) {
    const telemetry = await createTelemetry({ folder, retention: { maxSizeBytes } })
    const left = (await telemetry.traces({ limit: 1000 })).map(({ traceId }) => traceId)
    await telemetry.close()
    expect(left.length).toBeGreaterThanOrEqual(12)
    expect(left.length).toBeLessThan(20)
    expect([left.includes(id(19, 32)), left.includes(id(0, 32))]).toEqual([true, false])
  }
})

test("a process that is killed loses nothing that it had been told is kept", async () => {
  const folder = await newFolder()
  const child = spawn(process.execPath, [join(import.meta.dirname, "killed.fixture.ts"), folder], { stdio: ["ignore", "pipe", "inherit"] })
  onTestFinished(() => void child.kill("SIGKILL"))
  let kept = 0
  for await (const line of createInterface(child.stdout)) {
    kept = Number(line)
    if (kept === 50) child.kill("SIGKILL")
  }
  const telemetry = await openTelemetry({ folder })
  expect((await telemetry.traces({ limit: 1000 })).length).toBeGreaterThanOrEqual(kept)
})

test("a few records that say much fill the queue as many do", async () => {
  const telemetry = await openTelemetry()
  const large = telemetry.add([spanOf({ attributes: { text: "x".repeat(64 * 1024 * 1024) } })])
  await expect(telemetry.add(pair(1, 0))).rejects.toMatchObject({
    code: "OVERLOADED",
    message: expect.stringMatching(/^1 records of 671\d{5} bytes wait to be written already; 2 were turned away\.$/),
  })
  await large
  await telemetry.add(pair(1, 0))
})

test(
  "a span too large for the database's memory is lost alone, takes nobody's place, and what comes after it keeps what belongs to it",
  { timeout: 120_000 },
  async () => {
    const folder = await newFolder()
    const telemetry = await createTelemetry({ folder, capacity: 1 })
    const numbered = (number: number) => spanOf({ traceId: id(number, 32), name: `request ${number}`, attributes: { number } })
    await telemetry.add([numbered(1)])
    // As JSON, each character is six.
    const large = spanOf({ traceId: id(2, 32), attributes: { text: "\u0001".repeat(45_000_000) } })
    await expect(telemetry.add([large])).rejects.toThrow(/could not be written/)
    await telemetry.add([numbered(3)])
    await telemetry.add([numbered(4)])
    expect(telemetry.dropped).toBe(1)
    await telemetry.close()
    const again = await openTelemetry({ folder })
    const kept = await Promise.all([1, 2, 3, 4].map(async (number) => (await again.trace(id(number, 32)))?.roots[0]?.span))
    expect(kept).toEqual([numbered(1), undefined, numbered(3), numbered(4)])
  },
)

test(
  "a span too large for the database's memory takes none of those with it that came at the same moment",
  { timeout: 120_000 },
  async () => {
    const telemetry = await openTelemetry()
    const numbered = (number: number) => spanOf({ traceId: id(number, 32), name: `request ${number}`, attributes: { number } })
    const large = spanOf({ traceId: id(9, 32), attributes: { text: "\u0001".repeat(45_000_000) } })
    await telemetry.add([numbered(0)])
    const adding = [numbered(1), numbered(2), large, numbered(3)].map((span) => telemetry.add([span]))
    expect((await Promise.allSettled(adding)).map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"])
    expect(telemetry.dropped).toBe(1)
    const kept = await Promise.all([1, 2, 3, 9].map(async (number) => (await telemetry.trace(id(number, 32)))?.roots[0]?.span))
    expect(kept).toEqual([numbered(1), numbered(2), numbered(3), undefined])
  },
)

test.runIf(process.platform === "linux")(
  "a store whose disk was full keeps and answers again when there is room, without a new start",
  async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "full.fixture.ts"), await newFolder()], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    onTestFinished(() => void child.kill("SIGKILL"))
    const said: string[] = []
    for await (const line of createInterface(child.stdout)) said.push(line)
    expect(said).toEqual([expect.stringMatching(/could not be written: .*checkpoint/), "kept 500, found 1"])
  },
)

test.runIf(process.platform === "linux")("a store for which there was no room when it was made is made when there is", async () => {
  const folder = await newFolder()
  // Shorter than the headers that a new database is written with.
  const fixture = ["--fsize=8192", process.execPath, join(import.meta.dirname, "killed.fixture.ts"), folder]
  const child = spawn("prlimit", fixture, { stdio: ["ignore", "ignore", "pipe"] })
  expect(await text(child.stderr)).toMatch(/cannot be opened: .* and where there is room for them\./)
  expect(await readdir(folder)).toEqual([])
  const telemetry = await openTelemetry({ folder })
  await telemetry.add(pair(0, 0))
})

test("a store that another process, or this one, has open is refused by name, with what to do", async () => {
  const folder = await newFolder()
  const child = spawn(process.execPath, [join(import.meta.dirname, "killed.fixture.ts"), folder], { stdio: ["ignore", "pipe", "inherit"] })
  onTestFinished(() => void child.kill("SIGKILL"))
  await once(child.stdout, "data")
  const refusal = expect.objectContaining({
    code: "STORE_LOCKED",
    message: expect.stringMatching(`another process has it \\(process ${child.pid}\\)`),
  })
  await expect(createTelemetry({ folder })).rejects.toEqual(refusal)
  child.kill("SIGKILL")
  await once(child, "exit")
  const telemetry = await openTelemetry({ folder })
  await expect(createTelemetry({ folder })).rejects.toThrow(/open in this process already. Stop the other process/)
  expect((await telemetry.traces()).length).toBeGreaterThan(0)
})

test("a file that is no database is named, with what to do, and is left as it is until it is deleted", async () => {
  const folder = await newFolder()
  await (await createTelemetry({ folder })).close()
  const [file = ""] = await readdir(folder)
  await writeFile(join(folder, file), "not a database at all, but long enough to look like something")
  await expect(createTelemetry({ folder })).rejects.toThrow(/cannot be opened: .*delete the file to begin anew/s)
  await expect(createTelemetry({ folder: join(folder, file) })).rejects.toMatchObject({ code: "STORE_OUT_OF_REACH" })
  await rm(join(folder, file))
  const telemetry = await openTelemetry({ folder })
  await telemetry.add(pair(0, 0))
})

test("a folder whose name DuckDB does not take is told as that, and not as a broken file", async () => {
  const folder = join(await newFolder(), "what?")
  await expect(createTelemetry({ folder })).rejects.toMatchObject({
    code: "STORE_OUT_OF_REACH",
    message: expect.stringMatching(/what\?\/.* cannot be opened: DuckDB takes no path with a "\?" in it\. Give a folder/),
  })
})

test("a closed store says so", async () => {
  const telemetry = await createTelemetry({ folder: await newFolder() })
  const adding = telemetry.add(pair(0, 0))
  await Promise.all([telemetry.close(), telemetry.close(), adding])
  await expect(telemetry.add(pair(1, 1))).rejects.toThrow("The telemetry is closed.")
  await expect(telemetry.traces()).rejects.toThrow("The telemetry is closed.")
})
