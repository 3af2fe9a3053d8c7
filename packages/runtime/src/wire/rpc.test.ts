import { once } from "node:events"
import { request } from "node:http"
import type { IncomingMessage } from "node:http"
import { connect } from "node:net"
import { json, text } from "node:stream/consumers"
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises"
import { Fault } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { collectMetrics } from "../resilience/metrics.ts"
import type { SeamCall } from "../seam/seam.ts"
import { echoContract, echoing, echoTopology, secret, serve } from "./fixture.ts"
import type { SeamServer } from "./seam-server.ts"
import { signServiceToken } from "./service-token.ts"

async function post({ address }: SeamServer, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  const token = await signServiceToken({ secret, identity: { name: "report", modules: [], uses: ["echo"] } })
  const response = await fetch(`http://127.0.0.1:${address.port}/rpc/echo/echo`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    body: new Uint8Array(Buffer.from(body)),
  })
  const text = await response.text()
  return { status: response.status, type: response.headers.get("content-type"), body: text === "" ? undefined : JSON.parse(text) }
}

const load = { inFlight: 0, limit: 128, queued: 0, utilisation: 0, eventLoopDelayMs: 0.5 }

test("what is not an acceptable body is answered like at the gateway, and the seam does not see it", async () => {
  const seen: SeamCall[] = []
  const server = await serve({ send: (call) => (seen.push(call), echoing.send(call)) })
  expect(await post(server, "text", { "content-type": "text/plain" })).toMatchObject({
    status: 415,
    body: { code: "UNSUPPORTED_MEDIA_TYPE" },
  })
  expect(await post(server, `{"text":"${"x".repeat(1024 * 1024)}"}`)).toMatchObject({ status: 413, body: { code: "BODY_TOO_LARGE" } })
  expect(await post(server, '{"text":"x","__proto__":{"admin":true}}')).toMatchObject({ status: 400, body: { code: "INVALID_INPUT" } })
  expect(await post(server, Buffer.from([0x22, 0xff, 0x22]))).toMatchObject({ status: 400, body: { code: "MALFORMED_JSON" } })
  expect(await post(server, "[".repeat(100_000))).toMatchObject({ status: 400, type: "application/problem+json" })
  expect(seen).toEqual([])
  expect((await post(server, '{"text":"fine"}')).body).toEqual({ text: "fine" })
})

test("who asks to close the connection and sends a large body is not cut off from the answer", async () => {
  const { address } = await serve(echoing)
  const body = Buffer.alloc(8_000_000, " ")
  const socket = connect(address.port, "127.0.0.1").setEncoding("utf8")
  socket.write(`POST /rpc/echo/echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n`)
  await once(socket, "readable")
  const [answer] = await Promise.all([text(socket), once(socket.end(body), "finish")])
  expect(answer).toMatch(/^HTTP\/1.1 401 /)
})

test("what is not HTTP is told so like at the gateway, and who still sends is not cut off from the answer", async () => {
  const { address } = await serve(echoing)
  const socket = connect(address.port, "127.0.0.1").setEncoding("utf8")
  socket.write(`POST /rpc/echo/echo HTTP/1.1\r\nhost: x\r\nlong: ${"x".repeat(20_000)}\r\n\r\n`)
  await once(socket, "readable")
  await once(socket.end(Buffer.alloc(8_000_000, " ")), "finish")
  expect(await text(socket)).toMatch(/^HTTP\/1.1 431 [^]*"code":"HEADERS_TOO_LARGE"/)
})

test("an output that is nothing is an answer without content", async () => {
  const server = await serve({ send: () => ({ reply: Promise.resolve(undefined), cancel: () => undefined }) })
  expect(await post(server, "{}")).toEqual({ status: 204, type: null, body: undefined })
})

test("calls are described by an OpenAPI document, and are made with POST", async () => {
  const server = await serve(echoing, echoTopology, { contracts: [echoContract] })
  const base = `http://127.0.0.1:${server.address.port}`
  const document = (await (await fetch(`${base}/openapi.json`)).json()) as { info: object; paths: object }
  expect(document).toMatchObject({ openapi: "3.1.1", info: { title: "echo, from inside" }, paths: { "/rpc/echo/echo": { post: {} } } })
  const token = await signServiceToken({ secret, identity: { name: "report", modules: [], uses: ["echo"] } })
  const got = await fetch(`${base}/rpc/echo/echo`, { headers: { authorization: `Bearer ${token}` } })
  expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"])
})

test("load and metrics are told to people and to Prometheus", async () => {
  const server: SeamServer = await serve(echoing, echoTopology, {
    metrics: () =>
      collectMetrics({
        load,
        spansDropped: 7,
        logLinesDropped: 4,
        connectionsHeld: 0,
        gates: { seam: server.gate },
        modules: [
          {
            module: "echo",
            repeated: 2,
            deliveries: { delivered: 3, failed: 0, postponed: 0, parked: 1 },
            reactions: [{ subscriber: "gift", event: "echoed", limit: 24, lagMs: 1_500 }],
            jobs: [{ job: "tidy", done: 5, failed: 2 }],
          },
        ],
        services: [],
      }),
  })
  await post(server, '{"text":"x"}')
  const base = `http://127.0.0.1:${server.address.port}`
  expect(await (await fetch(`${base}/health/load`)).json()).toMatchObject({ load, gates: [{ gate: "seam", inFlight: 0, admitted: 1 }] })
  const text = await (await fetch(`${base}/metrics`)).text()
  expect(text).toContain('# TYPE hanok_gate_shed_total counter\nhanok_gate_shed_total{gate="seam",priority="low"} 0\n')
  expect(text).toContain("hanok_event_loop_delay_seconds 0.0005\n")
  expect(text).toContain("# TYPE hanok_spans_dropped_total counter\nhanok_spans_dropped_total 7\n")
  expect(text).toContain("hanok_log_lines_dropped_total 4\n")
  expect(text).toContain('hanok_gate_compartment_in_flight{gate="seam",compartment="report"} 0\n')
  expect(text).toContain('# TYPE hanok_repeated_total counter\nhanok_repeated_total{module="echo"} 2\n')
  expect(text).toContain('hanok_deliveries_total{module="echo",outcome="parked"} 1\n')
  expect(text).toContain('hanok_reaction_limit{module="echo",event="echoed",subscriber="gift"} 24\n')
  expect(text).toContain('hanok_reaction_lag_seconds{module="echo",event="echoed",subscriber="gift"} 1.5\n')
  expect(text).toContain('hanok_job_runs_total{module="echo",job="tidy",outcome="failed"} 2\n')
  expect(text).toContain("hanok_connections_held 0\n")
})

test("a key is the caller's own, for one operation: it is never that of an event, a job or somebody else's command", async () => {
  const seen: SeamCall[] = []
  const server = await serve({ send: (call) => (seen.push(call), echoing.send(call)) })
  for (const headers of [{ "hanok-subject": "customer-7" }, { "hanok-subject": "customer-8" }, {}])
    await post(server, '{"text":"x"}', { "idempotency-key": "key-1", ...headers })
  expect(seen.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
    'report>echo.echo|"customer-7"|key-1',
    'report>echo.echo|"customer-8"|key-1',
    "report>echo.echo|-|key-1",
  ])
  expect(await post(server, '{"text":"x"}', { "idempotency-key": "event 7 for gift" })).toMatchObject({
    status: 400,
    body: { code: "INVALID_INPUT", errors: [{ field: "/headers/Idempotency-Key" }] },
  })
  expect(seen.length).toBe(3)
})

test("the time that a body takes to come is part of what its caller has", async () => {
  const seen: SeamCall[] = []
  const server = await serve({ send: (call) => (seen.push(call), echoing.send(call)) })
  const token = await signServiceToken({ secret, identity: { name: "report", modules: [], uses: ["echo"] } })
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "hanok-timeout-ms": "10000" }
  const asking = request({
    port: server.address.port,
    path: "/rpc/echo/echo",
    method: "POST",
    headers: { ...headers, expect: "100-continue" },
  })
  asking.write('{"text":')
  // By now the headers have come.
  await once(asking, "continue")
  await sleep(300)
  asking.end('"slow"}')
  await once(asking, "response")
  expect(seen[0]?.remainingMs).toBeLessThan(9_750)
})

test("a call has the trace, the time and the user with the roles that its headers name, and no other time than a call may have", async () => {
  const seen: SeamCall[] = []
  const server = await serve({ send: (call) => (seen.push(call), echoing.send(call)) })
  const traceId = "0af7651916cd43dd8448eb211c80319c"
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, "hanok-subject": "kim", "hanok-roles": " clerk,, admin" }
  expect(await post(server, "{}", { ...headers, "hanok-timeout-ms": "300000" })).toMatchObject({ status: 200 })
  expect(seen[0]).toMatchObject({ trace: { traceId, spanId: "b7ad6b7169203331" }, identity: { subject: "kim", roles: ["clerk", "admin"] } })
  expect(seen[0]?.remainingMs).toBeGreaterThan(10_000)
  for (const timeout of ["300001", "0", "-1", "1.5", "soon", "Infinity", ""]) {
    const refused = await post(server, "{}", { "hanok-timeout-ms": timeout })
    expect([timeout, refused]).toMatchObject([timeout, { status: 400, body: { code: "INVALID_INPUT" } }])
  }
  expect(seen.length).toBe(1)
})

test("a call whose caller goes away is cancelled, and leaves its room", async () => {
  const ended = Promise.withResolvers<unknown>()
  const cancel = () => ended.reject(new Fault("CANCELLED", "Nobody waits."))
  const server = await serve({ send: () => ({ reply: ended.promise, cancel }) })
  const token = await signServiceToken({ secret, identity: { name: "report", modules: [], uses: ["echo"] } })
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" }
  const asking = request({ port: server.address.port, path: "/rpc/echo/echo", method: "POST", headers })
  asking.on("error", () => undefined).end("{}")
  await expect.poll(() => server.gate.load.inFlight).toBe(1)
  asking.destroy()
  await expect.poll(() => server.gate.load.inFlight).toBe(0)
})

test("the time for which a call waits for room is part of what its caller has", async () => {
  const seen: SeamCall[] = []
  const end = Promise.withResolvers<object>()
  const server = await serve({ send: (call) => (seen.push(call), { reply: end.promise, cancel: () => undefined }) })
  const answers = Array.from({ length: 130 }, () => post(server, "{}", { "hanok-timeout-ms": "5000" }))
  // Looked at in each turn: what waits is told to come again before long.
  while (server.gate.load.queued === 0) await turn()
  // Long enough to be noticed.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
  end.resolve({})
  await Promise.all(answers)
  const waited = seen.filter(({ queuedMs }) => queuedMs !== undefined)
  expect(waited.length).toBeGreaterThan(0)
  for (const { remainingMs, queuedMs = 0 } of waited) expect(remainingMs + queuedMs).toBeLessThanOrEqual(5_000)
})

test("who offers HTTP/2 with its call, as some clients always do, is answered all the same", async () => {
  const server = await serve(echoing)
  const headers = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA" }
  const token = await signServiceToken({ secret, identity: { name: "report", modules: [], uses: ["echo"] } })
  const asking = request({
    port: server.address.port,
    path: "/rpc/echo/echo",
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
  })
  asking.end('{"text":"from Java"}')
  const [response] = (await once(asking, "response")) as [IncomingMessage]
  expect([response.statusCode, await json(response)]).toEqual([200, { text: "from Java" }])
})

test("what is no HTTP after a whole call, or in the body of one that was answered, is not told as its answer", async () => {
  const server = await serve({ send: () => ({ reply: new Promise(() => undefined), cancel: () => undefined }) })
  const token = await signServiceToken({ secret, identity: { name: "report", modules: [], uses: ["echo"] } })
  const head = (authorization: string) => `POST /rpc/echo/echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${authorization}`
  const whole = await answersOf(server, [`${head(`authorization: Bearer ${token}\r\n`)}content-length: 2\r\n\r\n{}`, "nonsense\r\n\r\n"])
  expect(whole).toEqual([])
  expect(await answersOf(server, [`${head("")}transfer-encoding: chunked\r\n\r\n1\r\n{\r\n`, "nonsense\r\n"])).toEqual(["HTTP/1.1 401"])
  expect(await answersOf(server, ["", "nonsense\r\n\r\n"])).toEqual(["HTTP/1.1 400"])
})

/** The status lines of what comes back for two pieces, of which the second is sent when the first has been dealt with. */
async function answersOf({ address, gate }: SeamServer, [first, second]: readonly [string, string]): Promise<readonly string[]> {
  const socket = connect(address.port, "127.0.0.1")
  onTestFinished(() => void socket.destroy())
  let text = ""
  socket.setEncoding("latin1").on("data", (more: string) => (text += more))
  const closed = once(socket, "close")
  if (first !== "") {
    socket.write(first)
    await expect.poll(() => gate.load.inFlight > 0 || text !== "").toBe(true)
  }
  socket.write(second)
  await closed
  return text.match(/HTTP\/1\.1 \d+/g) ?? []
}
