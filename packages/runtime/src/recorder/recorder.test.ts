import { setTimeout as sleep } from "node:timers/promises"
import { expect, onTestFinished, test } from "vitest"
import { now } from "./clock.ts"
import { OwnAttributes } from "./own-attributes.ts"
import { createReceiver } from "./receiver.fixture.ts"
import { createRecorder } from "./recorder.ts"
import type { Recorder, RecorderOptions } from "./recorder.ts"
import { newRootSpanIds, newSpanIds } from "./span-ids.ts"
import { SpanTemplate } from "./span-template.ts"

function open(options: Partial<RecorderOptions>): Recorder {
  const recorder = createRecorder({ resource: { "service.name": "order" }, everyMs: 60_000, protocol: "http/json", ...options })
  onTestFinished(() => recorder.close(100))
  return recorder
}

const single = (name: string) => SpanTemplate.single(name, undefined)

function record(recorder: Recorder, count: number): void {
  const at = now()
  for (let index = 0; index < count; index++)
    recorder.record(newRootSpanIds(), single(`span ${index}`), "server", at, at + 1, undefined, undefined)
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5)
}

test("spans arrive with their ids, times, attributes and status, in JSON", async () => {
  const { url, received, spans } = await createReceiver()
  const recorder = open({ endpoint: `${url}/`, headers: { authorization: "Bearer a" } })
  const root = newRootSpanIds()
  const child = newSpanIds(root)
  const attributes = { text: "é", whole: -7, part: 0.5, yes: true, list: [1, null], deep: { a: "b" } }
  const template = SpanTemplate.shared("POST /orders", attributes)
  recorder.record(root, template, "server", 1_800_000_000_000.25, 1_800_000_000_001, OwnAttributes.single(["own", 1]), undefined)
  recorder.record(child, single("placeOrder"), "internal", 1_800_000_000_000.5, 1_800_000_000_000.75, undefined, new Error("no"))
  await recorder.flush()
  expect(received[0]).toMatchObject({ path: "/v1/traces", headers: { "content-type": "application/json", authorization: "Bearer a" } })
  expect(spans()).toMatchObject([
    { traceId: root.traceId, spanId: root.spanId, name: "POST /orders", kind: 2, scope: { name: "hanok" } },
    { traceId: root.traceId, parentSpanId: root.spanId, kind: 1, status: { code: 2, message: "no" } },
  ])
  expect(spans()[0]?.attributes).toEqual([
    { key: "text", value: { stringValue: "é" } },
    { key: "whole", value: { intValue: "-7" } },
    { key: "part", value: { doubleValue: 0.5 } },
    { key: "yes", value: { boolValue: true } },
    { key: "list", value: { arrayValue: { values: [{ intValue: "1" }, {}] } } },
    { key: "deep", value: { kvlistValue: { values: [{ key: "a", value: { stringValue: "b" } }] } } },
    { key: "own", value: { intValue: "1" } },
  ])
  const [first, second] = spans().map((span) => BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano))
  expect([first, second]).toEqual([750_000n, 250_000n])
})

test("a whole URL for traces is used as it is", async () => {
  const { url, received } = await createReceiver()
  const recorder = open({ endpoint: "http://127.0.0.1:1", tracesEndpoint: `${url}/elsewhere` })
  record(recorder, 1)
  await recorder.flush()
  expect(received.map(({ path }) => path)).toEqual(["/elsewhere"])
})

test("when there is no room a span is dropped and counted, at once, and the others arrive", async () => {
  const { url, spans } = await createReceiver()
  const recorder = open({ endpoint: url, capacity: 16 })
  record(recorder, 25)
  expect(recorder.dropped).toBe(9)
  await recorder.flush()
  expect(spans()).toHaveLength(16)
  record(recorder, 16)
  await recorder.flush()
  expect([spans().length, recorder.dropped]).toEqual([32, 9])
})

test("a span has nothing of one that had its place before", async () => {
  const { url, spans } = await createReceiver()
  const recorder = open({ endpoint: url, capacity: 4 })
  const at = now()
  recorder.record(newRootSpanIds(), single("first"), "server", at, at, OwnAttributes.single(["own", 1]), new Error("no"))
  await recorder.flush()
  record(recorder, 4)
  await recorder.flush()
  const [first, ...others] = spans().map(({ attributes, status }) => ({ attributes, status }))
  expect(first).toMatchObject({ attributes: [{ key: "own" }], status: { message: "no" } })
  expect(others).toEqual(Array.from({ length: 4 }, () => ({ attributes: [], status: undefined })))
})

test("many spans arrive in several requests, each once", async () => {
  const { url, received, spans } = await createReceiver()
  const recorder = open({ endpoint: url })
  record(recorder, 10_000)
  await recorder.flush()
  expect(received.length).toBeGreaterThan(2)
  expect(new Set(spans().map(({ spanId }) => spanId)).size).toBe(10_000)
  expect(recorder.dropped).toBe(0)
})

test.each(["http/json", "http/protobuf"] as const)(
  "spans that have much to tell arrive in requests that receivers take, by %s",
  async (protocol) => {
    const { url, received } = await createReceiver()
    const recorder = open({ endpoint: url, protocol })
    const at = now()
    const template = SpanTemplate.shared("POST /orders", undefined)
    const record = (text: string) =>
      recorder.record(newRootSpanIds(), template, "client", at, at + 1, OwnAttributes.single(["db.query.text", text]), undefined)
    for (let index = 0; index < 2000; index++) record("x".repeat(20_000))
    await recorder.flush()
    const sizes = received.map(({ body }) => body.length)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(2000 * 20_000)
    // What Hanok's own receiver takes at once.
    expect(sizes.filter((size) => size > 16 * 1024 * 1024)).toEqual([])
    expect(recorder.dropped).toBe(0)
  },
)

test("under load full batches are sent; what is recorded while they are waits for its time", async () => {
  const { url, received, spans } = await createReceiver(() => {
    record(recorder, 10)
    return [200]
  })
  const recorder = open({ endpoint: url })
  record(recorder, 4096)
  await until(() => received.length === 1)
  await recorder.flush()
  expect([received.length, spans().length]).toEqual([2, 4096 + 10])
})

test.each([429, 502, 503, 504])("after %i the same spans are sent again", async (status) => {
  const { url, received } = await createReceiver((index) => [index === 0 ? status : 200, { "retry-after": "0" }])
  const trouble: (string | undefined)[] = []
  const recorder = open({ endpoint: url, onTrouble: (message) => trouble.push(message) })
  record(recorder, 3)
  await recorder.flush()
  expect(received).toHaveLength(2)
  expect(received[1]?.body.equals(received[0]?.body ?? Buffer.alloc(0))).toBe(true)
  expect([recorder.dropped, trouble]).toEqual([0, [`status ${status}`, undefined]])
})

test("where spans were to go is told with what goes wrong, without a query, which may hold a key", async () => {
  const { url } = await createReceiver(() => [401])
  const told: unknown[] = []
  const recorder = open({ tracesEndpoint: `${url}/v1/traces?key=secret`, onTrouble: (...all) => told.push(all) })
  record(recorder, 1)
  await recorder.flush()
  expect(told).toEqual([["status 401", `${url}/v1/traces`]])
})

test.each([[400], [401], [413], [500]])("after %i spans are given up at once", async (status) => {
  const { url, received } = await createReceiver(() => [status])
  const recorder = open({ endpoint: url })
  record(recorder, 3)
  await recorder.flush()
  expect([received.length, recorder.dropped]).toEqual([1, 3])
})

test("a receiver that comes back after some seconds gets what was recorded before and meanwhile", async () => {
  const { url, received, spans } = await createReceiver((index) => [index < 4 ? 503 : 200, { "retry-after": "0" }])
  const recorder = open({ endpoint: url, everyMs: 10 })
  record(recorder, 1)
  await until(() => received.length === 1)
  record(recorder, 2)
  // What was refused four times came each time.
  await until(() => spans().length === 5 + 2)
  expect(recorder.dropped).toBe(0)
})

test.each([
  ["application/json", JSON.stringify({ partialSuccess: { rejectedSpans: "2", errorMessage: "zu alt: ä" } })],
  // ExportTraceServiceResponse { partial_success: { rejected_spans: 2, error_message: "zu alt: ä" } }, and a field of the future.
  ["application/x-protobuf", Buffer.concat([Buffer.from([10, 14, 8, 2, 18, 10]), Buffer.from("zu alt: ä"), Buffer.from([0x98, 6, 1])])],
])("spans that the receiver rejects are counted, told of and not sent again: %s", async (type, body) => {
  const { url, received } = await createReceiver((index) => (index === 0 ? [200, { "content-type": type }, body] : [200]))
  const trouble: (string | undefined)[] = []
  const recorder = open({ endpoint: url, onTrouble: (message) => trouble.push(message) })
  record(recorder, 3)
  await recorder.flush()
  record(recorder, 1)
  await recorder.flush()
  expect([received.length, recorder.dropped, trouble]).toEqual([2, 2, ["2 rejected: zu alt: ä", undefined]])
})

test.each([
  ["application/json", "{}"],
  ["application/json", '{"partialSuccess":{}}'],
  ["application/json", "no JSON"],
  ["application/json", '{"partialSuccess":{"rejectedSpans":"-1"}}'],
  ["text/html", "<p>ok</p>"],
  ["application/x-protobuf", Buffer.from([10, 0])],
  ["application/x-protobuf", Buffer.from([10, 200, 8])],
])("an answer with success that says nothing of what was rejected, or is not understood, is one: %s %s", async (type, body) => {
  const { url } = await createReceiver(() => [200, { "content-type": type }, body])
  const trouble: (string | undefined)[] = []
  const recorder = open({ endpoint: url, onTrouble: (message) => trouble.push(message) })
  record(recorder, 3)
  await recorder.flush()
  expect([recorder.dropped, trouble]).toEqual([0, []])
})

test("closing exports what is left", async () => {
  const { url, spans } = await createReceiver()
  const recorder = open({ endpoint: url })
  record(recorder, 5)
  await recorder.close()
  expect([spans().length, recorder.dropped]).toEqual([5, 0])
})

test("closing ends in time when the receiver never answers, and counts what is lost", async () => {
  const { url } = await createReceiver(() => undefined)
  const recorder = open({ endpoint: url })
  record(recorder, 9000)
  await recorder.close(50)
  expect(recorder.dropped).toBe(9000)
})

test("closing does not wait for the end of a pause", async () => {
  const { url, received } = await createReceiver(() => [503, { "retry-after": "60" }])
  const recorder = open({ endpoint: url })
  record(recorder, 1)
  const flushing = recorder.flush()
  await until(() => received.length === 1)
  await recorder.close(20_000)
  await flushing
  expect(recorder.dropped).toBe(1)
})

test("a header that cannot be sent is told of, and closing ends as ever", async () => {
  const { url, received } = await createReceiver()
  const trouble: (string | undefined)[] = []
  const recorder = open({ endpoint: url, headers: { "x-key": "a\nb" }, onTrouble: (message) => trouble.push(message) })
  record(recorder, 1)
  await recorder.close()
  expect([received.length, recorder.dropped, trouble.length]).toEqual([0, 1, 1])
  expect(trouble[0]).toContain("x-key")
})

test("without a receiver nothing is kept, sent or counted", async () => {
  const recorder = open({ capacity: 2 })
  record(recorder, 10)
  await recorder.flush()
  expect(recorder.dropped).toBe(0)
})
