import { spawn } from "node:child_process"
import { once } from "node:events"
import { Agent, request } from "node:http"
import type { IncomingMessage } from "node:http"
import { connect } from "node:net"
import { join } from "node:path"
import { json as readJson, text } from "node:stream/consumers"
import { gzipSync } from "node:zlib"
import { array, assert, asyncProperty, integer, tuple } from "fast-check"
import { expect, onTestFinished, test } from "vitest"
import { spanOf, tracesJson, tracesProtobuf } from "../otlp/otlp.fixture.ts"
import { newFolder, openTelemetry } from "../telemetry.fixture.ts"
import type { TelemetryOptions } from "../telemetry.ts"
import { longestBodyBytes } from "./otlp-body.ts"
import { createTelemetryServer } from "./server.ts"

async function serve(options: Partial<TelemetryOptions> = {}) {
  const telemetry = await openTelemetry(options)
  const server = await createTelemetryServer({ telemetry, port: 0 })
  onTestFinished(() => server.close())
  const post = (path: string, body: Uint8Array | string, headers: Record<string, string> = json) =>
    fetch(server.url + path, { method: "POST", body: new Uint8Array(Buffer.from(body)), headers })
  const get = async (path: string) => {
    const response = await fetch(server.url + path)
    // Any JSON: the tests look into it.
    return { status: response.status, type: response.headers.get("content-type"), body: (await response.json()) as unknown }
  }
  return { telemetry, url: server.url, post, get }
}

const json = { "content-type": "application/json" }
const protobuf = { "content-type": "application/x-protobuf" }
const gzip = { "content-encoding": "gzip" }
const id = (digit: string) => digit.repeat(16)
const family = [
  spanOf({ spanId: id("1"), name: "POST /orders", endNs: 1_800_000_000_010_000_000n }),
  spanOf({ spanId: id("2"), parentSpanId: id("1"), service: "gift", resource: { "service.name": "gift" }, failed: true, message: "no" }),
  spanOf({ spanId: id("3"), parentSpanId: id("9"), name: "lost" }),
]

test("what comes in by OTLP goes out as a list of traces and as a tree", async () => {
  const { post, get } = await serve()
  const response = await post("/v1/traces", tracesProtobuf(family), protobuf)
  expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([200, "application/x-protobuf", ""])
  const list = await get("/api/traces?limit=5")
  expect(list.body).toMatchObject([
    { traceId: "a".repeat(32), name: "POST /orders", spans: 3, services: ["gift", "order"], failed: 1, complete: false },
  ])
  const tree = await get(`/api/traces/${"A".repeat(32)}`)
  const child = {
    name: "order.placeOrder",
    service: "gift",
    kind: "server",
    failed: true,
    message: "no",
    durationMs: 5,
    selfMs: 5,
    children: [],
  }
  expect(tree.body).toMatchObject({
    roots: [
      {
        name: "POST /orders",
        startMs: 1_800_000_000_000,
        startedAt: "2027-01-15T08:00:00.000000000Z",
        durationMs: 10,
        selfMs: 5,
        children: [child],
      },
    ],
    orphans: [{ name: "lost" }],
  })
})

test.each([
  ["protobuf", tracesProtobuf(family), protobuf],
  ["JSON", JSON.stringify(tracesJson(family)), { "content-type": "application/json; charset=utf-8" }],
  ["protobuf in gzip", gzipSync(tracesProtobuf(family)), { ...protobuf, ...gzip }],
  ["JSON in gzip", gzipSync(JSON.stringify(tracesJson(family))), { ...json, ...gzip }],
])("%s is understood", async (_, body, headers) => {
  const { post, telemetry } = await serve()
  const response = await post("/v1/traces", body, headers)
  expect(response.status).toBe(200)
  expect(await telemetry.traces()).toMatchObject([{ spans: 3 }])
})

test("invalid spans are counted in the answer, in the encoding of the request, and the others are kept", async () => {
  const { post, telemetry } = await serve()
  const mixed = [spanOf({ spanId: id("0") }), spanOf()]
  const asJson = await post("/v1/traces", JSON.stringify(tracesJson(mixed)))
  expect(await asJson.json()).toMatchObject({
    partialSuccess: { rejectedSpans: "1", errorMessage: expect.stringContaining("A span needs") },
  })
  const asProtobuf = Buffer.from(await (await post("/v1/traces", tracesProtobuf(mixed), protobuf)).arrayBuffer())
  // Field 1, a message, whose field 1 is the number 1.
  expect([asProtobuf[0], asProtobuf[2], asProtobuf[3]]).toEqual([0x0a, 0x08, 1])
  expect(await telemetry.traces()).toMatchObject([{ spans: 1 }])
})

test.each([{ endNs: 2n ** 63n }, { parentSpanId: "abc" }])("a span that is rejected for %o is told why", async (given) => {
  const { post } = await serve()
  const response = await post("/v1/traces", JSON.stringify(tracesJson([spanOf(given)])))
  const why = "endNs" in given ? /times before 2262/ : /parent's id of 8 bytes/
  expect(await response.json()).toMatchObject({ partialSuccess: { errorMessage: expect.stringMatching(why) } })
})

test("log lines and pages are found by a trace's id in capital letters, too", async () => {
  const { telemetry, get } = await serve()
  const ids = ["a", "b", "c"].map((digit) => digit.repeat(32))
  await telemetry.add(ids.map((traceId) => spanOf({ traceId })))
  const line = { timeNs: 1n, severity: 9, severityText: "", body: "hello", spanId: "", service: "", attributes: {}, resource: {} }
  await telemetry.addLogs(ids.map((traceId) => ({ ...line, traceId })))
  expect((await get(`/api/logs?traceId=${"B".repeat(32)}`)).body).toMatchObject([{ traceId: ids[1] }])
  expect((await get(`/api/traces?before=2027-01-15T08:00:00Z&beforeTrace=${"A".repeat(32)}`)).body).toMatchObject([
    { traceId: ids[1] },
    { traceId: ids[2] },
  ])
})

test("log lines are kept and returned by trace; data points are counted as rejected", async () => {
  const { post, get } = await serve()
  const line = { timeUnixNano: "1800000000000000000", severityNumber: 9, body: { stringValue: "hello" }, traceId: "a".repeat(32) }
  expect((await post("/v1/logs", JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [line] }] }] }))).status).toBe(200)
  const logs = await get(`/api/logs?traceId=${"a".repeat(32)}&limit=3`)
  expect(logs.body).toMatchObject([{ body: "hello", severity: 9, at: "2027-01-15T08:00:00.000000000Z" }])
  const metrics = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ sum: { dataPoints: [{}, {}] } }] }] }] }
  const answer = await post("/v1/metrics", JSON.stringify(metrics))
  expect(await answer.json()).toEqual({ partialSuccess: { rejectedDataPoints: "2", errorMessage: "Metrics are not kept yet." } })
})

test.each([
  ["no JSON", "{", json, 400, /^The body is not JSON/],
  ["an empty body that says it is JSON", "", json, 400, /^The body is not JSON/],
  ["a wrong type", '{"resourceSpans":7}', json, 400, /^The body is not an ExportTraceServiceRequest: \/resourceSpans: a list belongs here/],
  ["no gzip", "plain", { ...json, ...gzip }, 400, /not gzip/],
  ["another packing", "plain", { ...json, "content-encoding": "br" }, 415, /br is not understood; use gzip/],
  ["another type", "plain", { "content-type": "text/plain" }, 415, /application\/x-protobuf or application\/json/],
  ["too much", " ".repeat(16 * 1024 * 1024 + 1), json, 413, /too large/],
  ["little that unpacks to too much", gzipSync(Buffer.alloc(65 * 1024 * 1024)), { ...json, ...gzip }, 413, /longer than 67108864 bytes/],
  ["much in little, in JSON", gzipSync(`[${"{},".repeat(1_000_000)}{}]`), { ...json, ...gzip }, 400, /more than 1000000 objects and lists/],
  ["many values in little, in JSON", gzipSync(`[${"1,".repeat(2_000_001)}1]`), { ...json, ...gzip }, 400, /more than 2000000 values/],
  [
    "a number that is longer than any",
    gzipSync(`[${"1".repeat(30_000_000)}]`),
    { ...json, ...gzip },
    400,
    /the body: an object belongs here/,
  ],
])("%s is refused with a google.rpc.Status", async (_, body, headers, status, message) => {
  const { post } = await serve()
  const response = await post("/v1/traces", body, headers)
  expect(response.status).toBe(status)
  expect(await response.json()).toEqual({ code: status === 413 ? 8 : 3, message: expect.stringMatching(message) })
})

test("a body that is too large is read to its end, so that its sender is not cut off from the answer", async () => {
  const half = Buffer.alloc(8 * 1024 * 1024 + 1, " ")
  const { url } = await serve()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const sending = request(`${url}/v1/traces`, { method: "POST", agent, headers: { ...json, "content-length": 2 * half.length } })
  sending.write(half)
  const [first] = (await once(sending, "response")) as [IncomingMessage]
  expect([first.statusCode, await readJson(first)]).toEqual([413, { code: 8, message: expect.stringMatching(/too large/) }])
  await once(sending.end(half), "close")
  const [second] = (await once(request(`${url}/health`, { agent }).end(), "response")) as [IncomingMessage]
  expect([second.statusCode, second.socket]).toEqual([200, sending.socket])
})

test.each([
  ["127.0.0.1", 413],
  ["elsewhere.example", 421],
])("who asks %s to close the connection and sends a body that is too large is not cut off from the answer", async (host, status) => {
  const { url } = await serve()
  const body = Buffer.alloc(longestBodyBytes + 1, " ")
  const socket = connect(Number(new URL(url).port), "127.0.0.1").setEncoding("utf8")
  const head = ["content-type: application/json", "connection: close", `host: ${host}`, `content-length: ${body.length}`].join("\r\n")
  socket.write(`POST /v1/traces HTTP/1.1\r\n${head}\r\n\r\n`)
  await once(socket, "readable")
  const [answer] = await Promise.all([text(socket), once(socket.end(body), "finish")])
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
})

test("bodies that unpack to much are not in memory at once, however many come together", { timeout: 120_000 }, async () => {
  const fixture = join(import.meta.dirname, "unpacking.fixture.ts")
  const child = spawn(process.execPath, [fixture, await newFolder()], { stdio: ["ignore", "pipe", "inherit"] })
  onTestFinished(() => void child.kill("SIGKILL"))
  const { statuses, grownMb } = JSON.parse(await text(child.stdout))
  expect(statuses).toEqual(Array.from({ length: 12 }, () => 400))
  // All of them are 288; one is twice in memory while it is put together.
  expect(grownMb).toBeLessThan(240)
})

test("text in JSON may have any number of brackets and commas", async () => {
  const { post } = await serve()
  const body = `{"resourceSpans":[],"later":"\\"${"[,".repeat(2_000_001)}\\\\"}`
  expect((await post("/v1/traces", body)).status).toBe(200)
})

test.each([
  ["/v1/traces", "scopeSpans", "spans"],
  ["/v1/logs", "scopeLogs", "logRecords"],
])("what many records of %s share is refused where it would be kept too often, and the server lives on", async (path, scopes, records) => {
  const { post, get } = await serve()
  const one = { traceId: "a".repeat(32), spanId: id("1"), timeUnixNano: "1" }
  const body = (value: string, count: number) => {
    const resource = { attributes: [{ key: "large", value: { stringValue: value } }] }
    const name = path === "/v1/traces" ? "resourceSpans" : "resourceLogs"
    return gzipSync(JSON.stringify({ [name]: [{ resource, [scopes]: [{ [records]: Array.from({ length: count }, () => one) }] }] }))
  }
  const refused = await post(path, body("x".repeat(200_000), 1000), { ...json, ...gzip })
  expect([refused.status, await refused.json()]).toEqual([
    413,
    { code: 8, message: expect.stringMatching(/^The resource of 1000 records is kept with each: 20\d{7} characters/) },
  ])
  expect((await post(path, body("x".repeat(5000), 8192), { ...json, ...gzip })).status).toBe(200)
  expect((await get("/health")).body).toEqual({ status: "live", dropped: 0 })
})

test("a scope's name counts with each of its spans", async () => {
  const { post } = await serve()
  const spans = Array.from({ length: 1000 }, () => ({ traceId: "a".repeat(32), spanId: id("1") }))
  const body = { resourceSpans: [{ scopeSpans: [{ scope: { name: "x".repeat(200_000) }, spans }] }] }
  expect((await post("/v1/traces", JSON.stringify(body))).status).toBe(413)
})

test("integers in JSON that are written as numbers are taken as they stand there", async () => {
  const { post, telemetry } = await serve()
  const span = `{ "traceId": "${"a".repeat(32)}", "spanId": "${id("1")}", "startTimeUnixNano": 1800000000000000123,
    "endTimeUnixNano":1800000000000000456, "attributes": [
      { "key": "order", "value": { "intValue": -9223372036854775807 } }, { "key": "mass", "value": { "doubleValue": 36028797018963968 } }] }`
  expect((await post("/v1/traces", `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`)).status).toBe(200)
  expect((await telemetry.trace("a".repeat(32)))?.roots[0]?.span).toMatchObject({
    startNs: 1800000000000000123n,
    endNs: 1800000000000000456n,
    attributes: { order: "-9223372036854775807", mass: 36028797018963970 },
  })
  const late = await post("/v1/traces", '{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":18446744073709551616}]}]}]}')
  expect(await late.json()).toMatchObject({ message: expect.stringContaining("belongs here, not 18446744073709551616") })
})

test("a log line whose time nobody can tell is rejected and counted, and the others are kept", async () => {
  const { post, telemetry } = await serve()
  const logRecords = [{ timeUnixNano: String(2n ** 63n) }, { timeUnixNano: "1" }]
  const response = await post("/v1/logs", JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }))
  expect(await response.json()).toMatchObject({ partialSuccess: { rejectedLogRecords: "1" } })
  expect(await telemetry.logs()).toHaveLength(1)
})

test.each([
  ["Application/JSON ; charset=UTF-8", "identity"],
  ["application/json;", "IDENTITY"],
  ["application/json", ""],
])("a body of the type %s that is packed as %s is understood", async (type, packing) => {
  const { post } = await serve()
  expect((await post("/v1/traces", "{}", { "content-type": type, "content-encoding": packing })).status).toBe(200)
})

test("a refusal of protobuf is protobuf", async () => {
  const { post } = await serve()
  const response = await post("/v1/traces", Uint8Array.of(0x0a, 0x7f), protobuf)
  expect([response.status, response.headers.get("content-type")]).toEqual([400, "application/x-protobuf"])
  const body = Buffer.from(await response.arrayBuffer())
  expect([body[0], body[1]]).toEqual([0x08, 3])
  expect(body.toString()).toContain("The body is not an ExportTraceServiceRequest")
})

test("a filter without a value is none", async () => {
  const { telemetry, get } = await serve()
  await telemetry.add(family)
  expect((await get("/api/traces?service=&limit=&before=")).body).toMatchObject([{ spans: 3 }])
})

test("another method than POST is told so", async () => {
  const { url } = await serve()
  const response = await fetch(`${url}/v1/traces`)
  expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"])
  expect(await response.json()).toMatchObject({ code: 12 })
})

test("a thousand bodies cut short and changed at random are taken or refused, and the server lives on", async () => {
  const { post, get } = await serve()
  const bodies = [Buffer.from(tracesProtobuf(family)), Buffer.from(JSON.stringify(tracesJson(family)))]
  const change = tuple(integer({ min: 0, max: 5000 }), integer({ min: 0, max: 255 }))
  const mutation = tuple(integer({ min: 0, max: 1 }), integer({ min: 0, max: 5000 }), array(change, { maxLength: 6 }))
  const send = async ([which, length, changes]: [number, number, [number, number][]]) => {
    const body = Buffer.from(bodies[which] ?? []).subarray(0, length)
    for (const [at, value] of changes) if (body.length > 0) body[at % body.length] = value
    const response = await post("/v1/traces", body, which === 0 ? protobuf : json)
    await response.arrayBuffer()
    expect([200, 400]).toContain(response.status)
  }
  // Many senders at once, as they are answered together.
  const check = asyncProperty(array(mutation, { minLength: 20, maxLength: 20 }), async (all) => {
    await Promise.all(all.map(send))
  })
  await assert(check, { numRuns: 50 })
  expect((await get("/health")).body).toEqual({ status: "live", dropped: 0 })
  expect((await get("/api/traces?limit=1000")).status).toBe(200)
}, 60_000)

test("a store that cannot take more is answered with 503 and when to come again", async () => {
  const { post } = await serve({ capacity: 0 })
  const response = await post("/v1/traces", JSON.stringify(tracesJson(family)))
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"])
  expect(await response.json()).toMatchObject({ code: 14 })
})

test.each([
  ["/api/traces?limit=many", 400, /limit is "many"/],
  ["/api/traces?limit=0", 400, /limit is 0; it takes 1 to 1000/],
  ["/api/traces?limit=1001", 400, /limit is 1001; it takes 1 to 1000/],
  ["/api/traces?limit=2&limit=3", 400, /limit is given 2 times/],
  ["/api/traces?before=yesterday", 400, /before: "yesterday" is no time in ISO 8601/],
  [`/api/traces/${"f".repeat(32)}`, 404, /No span of the trace f+ is known/],
  ["/api/nothing", 404, /Nothing answers GET \/api\/nothing/],
])("%s is answered with a problem document", async (path, status, detail) => {
  const { get } = await serve()
  const answer = await get(path)
  expect(answer).toMatchObject({ status, type: expect.stringContaining("application/problem+json") })
  expect(answer.body).toMatchObject({ status, detail: expect.stringMatching(detail) })
})

test("a trace that is nested beyond all measure is answered", async () => {
  const { telemetry, get } = await serve()
  const hex = (number: number) => (number + 1).toString(16).padStart(16, "0")
  const chain = Array.from({ length: 20_000 }, (_, index) =>
    spanOf({ spanId: hex(index), parentSpanId: index === 0 ? "" : hex(index - 1), startNs: BigInt(index), endNs: BigInt(index) }),
  )
  await telemetry.add(chain)
  const { status, body } = await get(`/api/traces/${"a".repeat(32)}`)
  expect(status).toBe(200)
  expect(JSON.stringify(body).match(/"spanId"/g)).toHaveLength(20_000)
})

test("the next page begins after the trace that is named, also where others began at the same moment", async () => {
  const { telemetry, get } = await serve()
  const ids = ["a", "b", "c"].map((digit) => digit.repeat(32))
  await telemetry.add(ids.map((traceId) => spanOf({ traceId })))
  const { body } = await get(`/api/traces?before=2027-01-15T08:00:00Z&beforeTrace=${ids[0]}`)
  expect(body).toMatchObject([{ traceId: ids[1] }, { traceId: ids[2] }])
})

test("a taken port is an error that says so", async () => {
  const { telemetry, url } = await serve()
  await expect(createTelemetryServer({ telemetry, port: Number(new URL(url).port) })).rejects.toMatchObject({ code: "EADDRINUSE" })
})

/** What is answered to whoever calls the server by that name. */
async function asked(url: string, host: string, path = "/api/traces", method = "GET"): Promise<readonly [number | undefined, unknown]> {
  const headers = { host, ...(method === "POST" ? json : {}) }
  const [response] = (await once(request(url + path, { method, headers }).end(method === "POST" ? "{}" : ""), "response")) as [
    IncomingMessage,
  ]
  return [response.statusCode, await readJson(response)]
}

test("a web page whose name has been made to lead to this machine reads nothing, and writes nothing", async () => {
  const { url, post } = await serve()
  await post("/v1/traces", tracesProtobuf(family), protobuf)
  const { port } = new URL(url)
  for (const [path, method] of [
    ["/api/traces"],
    [`/api/traces/${"a".repeat(32)}`],
    ["/api/logs"],
    ["/v1/traces", "POST"],
    ["/none"],
  ] as const)
    for (const host of [`evil.example:${port}`, "localhost.evil.example", "127.0.0.1.evil.example", "internal.example.", "127.0.0.1@evil"])
      expect(await asked(url, host, path, method)).toMatchObject([421, { code: "MISDIRECTED_REQUEST" }])
})

test.each([
  "127.0.0.1:4318",
  "localhost",
  "LOCALHOST.:4318",
  "traces.localhost:4318",
  "[::1]:4318",
  "host.docker.internal:4318",
  "10.0.0.7",
])("whoever calls this machine %s is answered", async (host) => {
  const { url } = await serve()
  expect(await asked(url, host)).toEqual([200, []])
  expect(await asked(url, host, "/v1/traces", "POST")).toEqual([200, {}])
})

test("a server that others are to reach is called by any name", async () => {
  const server = await createTelemetryServer({ telemetry: await openTelemetry(), host: "0.0.0.0", port: 0 })
  onTestFinished(() => server.close())
  expect(await asked(server.url, "telemetry.example:4318")).toEqual([200, []])
})
