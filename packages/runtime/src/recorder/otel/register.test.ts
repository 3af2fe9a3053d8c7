import { EventEmitter, once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { context, propagation, ProxyTracerProvider, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api"
import { expect, onTestFinished, test, vi } from "vitest"
import { activeContext } from "../active-context.ts"
import { now, wallClock } from "../clock.ts"
import type { SpanJson } from "../receiver.fixture.ts"
import { createRecorder } from "../recorder.ts"
import { newRootSpanIds } from "../span-ids.ts"
import { SpanTemplate } from "../span-template.ts"
import { register } from "./register.fixture.ts"
import { registerRecorder } from "./register.ts"
import { untraced } from "./untraced.ts"

const named = (spans: readonly SpanJson[], name: string) => spans.find((span) => span.name === name)

test("a library's spans stand below the request in which they began, through whatever is awaited", async () => {
  const { exported, recorder } = await register()
  const tracer = trace.getTracer("library", "1.2")
  const request = newRootSpanIds()
  const startMs = now()
  await activeContext.run(request, async () => {
    await Promise.resolve()
    await tracer.startActiveSpan("outer", { kind: SpanKind.CLIENT }, async (outer) => {
      await new Promise((resolve) => setImmediate(resolve))
      tracer.startSpan("inner").end()
      outer.end()
    })
    tracer.startSpan("beside").end()
  })
  recorder.record(request, SpanTemplate.shared("request"), "server", startMs, now(), undefined, undefined)
  const spans = await exported()
  expect(spans.map(({ name }) => name)).toEqual(["inner", "outer", "beside", "request"])
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([request.traceId]))
  expect(named(spans, "outer")).toMatchObject({ parentSpanId: request.spanId, kind: 3, scope: { name: "library", version: "1.2" } })
  expect(named(spans, "inner")?.parentSpanId).toBe(named(spans, "outer")?.spanId)
  expect(named(spans, "beside")?.parentSpanId).toBe(request.spanId)
  expect(named(spans, "request")?.scope).toEqual({ name: "hanok" })
})

test("what a library tells of a span arrives: attributes, events, links, status, times", async () => {
  const { exported } = await register()
  const other = trace.getTracer("other").startSpan("other")
  const startTime: [number, number] = [1_800_000_000, 500_000]
  const span = trace
    .getTracer("library")
    .startSpan("first name", { startTime, attributes: { a: 1 }, links: [{ context: other.spanContext() }] })
  span.setAttributes({ list: ["x", 2], nothing: undefined, big: 12n }).updateName("work")
  span.addEvent("seen", { n: 1 }, new Date(1_800_000_000_001))
  span.recordException(new TypeError("wrong"))
  span.setStatus({ code: SpanStatusCode.ERROR, message: "it broke" })
  span.end([1_800_000_001, 0])
  span.setAttribute("late", true).end()
  expect(span.isRecording()).toBe(false)
  const [found, ...rest] = await exported()
  expect(rest).toEqual([])
  // Seconds and nanoseconds are of the clock that nobody sets, from which the wall clock is a little apart at times.
  const apartNs = BigInt(Math.round(wallClock.offsetMs() * 1e6))
  expect(found).toMatchObject({
    name: "work",
    startTimeUnixNano: String(1_800_000_000_000_500_000n + apartNs),
    endTimeUnixNano: String(1_800_000_001_000_000_000n + apartNs),
    status: { code: 2, message: "it broke" },
    links: [{ spanId: other.spanContext().spanId }],
    events: [{ name: "seen", timeUnixNano: "1800000000001000000" }, { name: "exception" }],
  })
  expect(found?.attributes).toEqual([
    { key: "a", value: { intValue: "1" } },
    { key: "list", value: { arrayValue: { values: [{ stringValue: "x" }, { intValue: "2" }] } } },
    { key: "big", value: { stringValue: "12" } },
  ])
  expect(JSON.stringify(found?.events)).toContain("TypeError")
})

test("a span that is said to end before it began has no length", async () => {
  const { exported } = await register()
  trace.getTracer("library").startSpan("work", { startTime: 1_800_000_000_000 }).end(1_700_000_000_000)
  const [span] = await exported()
  expect(span?.endTimeUnixNano).toBe(span?.startTimeUnixNano)
})

test("after the clock was set, or the machine slept, a span whose library says when it began is among those of that time, and as long", async () => {
  const { exported } = await register()
  const tracer = trace.getTracer("library")
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 })
  onTestFinished(() => void vi.useRealTimers())
  const minuteNs = 60_000_000_000n
  for (const told of [{}, { startTime: Date.now() }, { startTime: new Date() }, { startTime: performance.now() }])
    tracer.startSpan("work", told).end()
  const spans = await exported()
  const times = spans.map((span) => [BigInt(span.startTimeUnixNano), BigInt(span.endTimeUnixNano)] as const)
  const present = BigInt(Date.now()) * 1_000_000n
  expect(times.map(([start, end]) => start > present - minuteNs && start < present + minuteNs && end - start < minuteNs)).toEqual(
    Array(4).fill(true),
  )
})

test("a span without limits is cut: 128 attributes, events and links, and how many there were besides is told", async () => {
  const { exported } = await register()
  const span = trace.getTracer("library").startSpan("work")
  for (let index = 0; index < 1000; index++) {
    span.setAttribute(`a${index}`, index).addEvent(`e${index}`).addLink({ context: span.spanContext() })
  }
  span.end()
  const [found] = await exported()
  expect([found?.attributes, found?.events, found?.links].map((list) => Array.isArray(list) && list.length)).toEqual([128, 128, 128])
  expect(found).toMatchObject({ droppedAttributesCount: 872, droppedEventsCount: 872, droppedLinksCount: 872 })
})

test("the trace goes on over W3C headers, in both directions, and malformed ones begin a new one", async () => {
  const { exported } = await register()
  const request = newRootSpanIds()
  const headers: Record<string, string> = {}
  activeContext.run(request, () => propagation.inject(context.active(), headers))
  expect(headers).toEqual({ traceparent: `00-${request.traceId}-${request.spanId}-01` })
  const tracer = trace.getTracer("library")
  tracer.startSpan("below", {}, propagation.extract(ROOT_CONTEXT, headers)).end()
  tracer.startSpan("new", {}, propagation.extract(ROOT_CONTEXT, { traceparent: "00-nonsense" })).end()
  tracer.startSpan("root", { root: true }, propagation.extract(ROOT_CONTEXT, headers)).end()
  const spans = await exported()
  expect(named(spans, "below")).toMatchObject({ traceId: request.traceId, parentSpanId: request.spanId })
  for (const name of ["new", "root"]) {
    expect(named(spans, name)?.traceId).not.toBe(request.traceId)
    expect(named(spans, name)?.parentSpanId).toBeUndefined()
  }
})

test("a bound function runs in the context it was bound to, with its own this and arguments", async () => {
  await register()
  const request = newRootSpanIds()
  const emitter = new EventEmitter()
  const seen: unknown[] = []
  activeContext.run(request, () => {
    const listener = function (this: unknown, value: number) {
      seen.push(this, value, trace.getActiveSpan()?.spanContext().spanId)
    }
    emitter.on("event", context.bind(context.active(), listener))
  })
  expect(trace.getActiveSpan()).toBeUndefined()
  emitter.emit("event", 7)
  expect(seen).toEqual([emitter, 7, request.spanId])
  expect(context.bind(ROOT_CONTEXT, emitter)).toBe(emitter)
})

test("exporting makes no spans of its own", async () => {
  const { exported } = await register()
  untraced(() => trace.getTracer("http").startSpan("POST /v1/traces").end())
  trace.getTracer("http").startSpan("GET /").end()
  expect((await exported()).map(({ name }) => name)).toEqual(["GET /"])
})

test("whoever stands behind the API already is left there", async () => {
  const { recorder, registration } = await register()
  expect(registration.registered).toBe(true)
  const second = registerRecorder(recorder)
  expect(second.registered).toBe(false)
  second.close()
  expect(trace.getTracer("library").startSpan("work").isRecording()).toBe(true)
  registration.close()
  expect(trace.getTracer("library").startSpan("work").isRecording()).toBe(false)
  const third = registerRecorder(recorder)
  expect(third.registered).toBe(true)
  third.close()
})

test("whoever flushes OpenTelemetry's provider flushes the recorder", async () => {
  const { spans } = await register()
  trace.getTracer("library").startSpan("work").end()
  const provider = trace.getTracerProvider()
  // As serverless wrappers do it: the API's type knows no `forceFlush`.
  const real = (provider instanceof ProxyTracerProvider ? provider.getDelegate() : provider) as typeof provider & {
    forceFlush(): Promise<void>
  }
  await real.forceFlush()
  expect(spans().map(({ name }) => name)).toEqual(["work"])
})

test.each(["http/json", "http/protobuf"] as const)(
  "what a library without types tells of a span ends no process, in %s",
  async (protocol) => {
    const bodies: string[] = []
    const server = createServer((request, response) => {
      request.setEncoding("latin1").on("data", (text: string) => bodies.push(text))
      request.on("end", () => response.end())
    }).listen(0, "127.0.0.1")
    onTestFinished(() => void server.close())
    await once(server, "listening")
    // A server that listens on TCP.
    const { port } = server.address() as AddressInfo
    const recorder = createRecorder({ resource: {}, endpoint: `http://127.0.0.1:${port}`, protocol, everyMs: 60_000 })
    const registration = registerRecorder(recorder)
    onTestFinished(() => registration.close())
    // None of what follows compiles, and all of it happens.
    const wrong = undefined as never
    const tracer = trace.getTracer(wrong, null as never)
    for (const time of [
      new Date(Number.NaN),
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      new Date(-1),
      1e300,
      [wrong, wrong] as [number, number],
    ]) {
      tracer.startSpan("a time that is none", { startTime: time }).addEvent("event", time).end(time)
    }
    const span = tracer
      .startSpan(wrong)
      .addEvent(wrong, null as never)
      .addLink({ context: {} as never })
    for (const thrown of [undefined, null, 7]) span.recordException(thrown as never)
    span.updateName(12 as never).end()
    await recorder.close()
    expect(bodies.join("").match(/a time that is none/g)).toHaveLength(6)
    expect(bodies.join("")).not.toMatch(/UnixNano":"(?!\d{19}")/)
    expect(recorder.dropped).toBe(0)
  },
)
