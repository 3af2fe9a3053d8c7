import { once } from "node:events"
import { connect } from "node:net"
import { gzipSync } from "node:zlib"
import { defineContract, defineModule, query } from "@hanok/contract"
import * as fc from "fast-check"
import { expect, onTestFinished, test, vi } from "vitest"
import { z } from "zod"
import { ask, createHouse, exchangeBytes, kim, openGateway, parcel, tokenFor } from "./fixture.ts"
import type { House } from "./fixture.ts"

async function post({ gateway }: House, body: string | Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}) {
  const authorization = `Bearer ${await tokenFor(kim)}`
  const response = await fetch(`${gateway.url}/parcels`, {
    method: "POST",
    body,
    headers: { authorization, "content-type": "application/json", ...headers },
  })
  const text = await response.text()
  const { status, headers: answered } = response
  return { status, answered, type: answered.get("content-type")?.split(";")[0], text, problem: JSON.parse(text) }
}

test.each([
  ['{"a":1,}', "position 7"],
  ['{"a" 1}', "position 5"],
  ["{'a':1}", "position 1"],
  ["nul", "position"],
  ['{"a":', "ends too early"],
  ['"open', "ends too early"],
])("the body %s is refused, naming the position", async (body, piece) => {
  const { status, type, problem } = await post(await createHouse(), body)
  expect([status, type, problem.code]).toEqual([400, "application/problem+json", "MALFORMED_JSON"])
  expect(problem.detail).toContain(piece)
})

test("a body that is no object is told that it should be one", async () => {
  const house = await createHouse()
  for (const body of ["[]", "7", "null", '"text"', "true", ""]) {
    const { status, problem } = await post(house, body)
    expect([status, problem.code]).toEqual([400, "INVALID_INPUT"])
  }
})

test("a body larger than the limit answers 413", async () => {
  const { status, problem } = await post(await createHouse({ bodyLimitBytes: 1000 }), JSON.stringify({ text: "x".repeat(1000) }))
  expect([status, problem.code, problem.detail]).toEqual([413, "BODY_TOO_LARGE", "The body is larger than 1000 bytes."])
})

test.each([
  ["of a known length", "content-length: 200000", (half: string) => half],
  ["in chunks", "transfer-encoding: chunked", (half: string) => `186a0\r\n${half}\r\n`],
])("a body %s that is too large is read to its end, so that its sender is not cut off from the answer", async (_, header, part) => {
  const { gateway } = await createHouse({ bodyLimitBytes: 1000 })
  const half = part("x".repeat(100_000))
  const head = `host: x\r\nauthorization: Bearer ${await tokenFor(kim)}\r\ncontent-type: application/json\r\n${header}`
  const socket = connect(gateway.address.port).setEncoding("utf8")
  onTestFinished(() => void socket.destroy())
  socket.write(`POST /parcels HTTP/1.1\r\n${head}\r\n\r\n${half}`)
  const [first] = await once(socket, "data")
  expect(first).toMatch(/^HTTP\/1.1 413 /)
  socket.write(`${half}${header.endsWith("chunked") ? "0\r\n\r\n" : ""}GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n`)
  const [second] = await once(socket, "data")
  expect(second).toMatch(/^HTTP\/1.1 200 /)
})

test("a body that is not declared as JSON answers 415", async () => {
  const house = await createHouse()
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "nonsense"]) {
    const { status, problem } = await post(house, JSON.stringify(parcel), { "content-type": type })
    expect([status, problem.code]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE"])
  }
})

test("a body that is compressed answers 415, and says what is taken", async () => {
  const house = await createHouse()
  const { status, problem, answered } = await post(house, Uint8Array.from(gzipSync(JSON.stringify(parcel))), { "content-encoding": "gzip" })
  expect([status, problem.code, answered.get("accept-encoding")]).toEqual([415, "UNSUPPORTED_MEDIA_TYPE", "identity"])
  expect(problem.detail).toContain("gzip")
  expect((await post(house, JSON.stringify(parcel), { "content-encoding": "Identity" })).status).toBe(200)
})

test("JSON with a charset is JSON", async () => {
  const { status } = await post(await createHouse(), JSON.stringify(parcel), { "content-type": "application/json; charset=utf-8" })
  expect(status).toBe(200)
})

test("bytes that are not UTF-8 are refused", async () => {
  const { status, problem } = await post(await createHouse(), Uint8Array.from([0x22, 0xff, 0x22]))
  expect([status, problem.detail]).toEqual([400, "The body is not valid UTF-8."])
})

test("names that change prototypes are refused, wherever they stand", async () => {
  const house = await createHouse()
  for (const body of [
    '{"__proto__":{"admin":true}}',
    '{"to":{"\\u005f_proto__":1}}',
    '{"to":{"constructor":{"prototype":{}}}}',
    '[{"__proto__":1}]',
  ]) {
    const { status, problem } = await post(house, body)
    expect([status, problem.code]).toEqual([400, "INVALID_INPUT"])
    expect(problem.errors[0].field).toMatch(/__proto__$|constructor$/)
  }
  expect((await ask(house, "/parcels?__proto__=1")).body.errors[0].field).toBe("/__proto__")
  for (const name of ["%5f_proto__", "__%70roto__", "__p%72oto__", "__pr%6Fto__", "__pro%74o__"]) {
    expect((await ask(house, `/parcels?${name}=1`)).status).toBe(400)
  }
})

test("text that no database can hold is refused with its field", async () => {
  const house = await createHouse()
  for (const name of ["\\u0000", "\\ud800"]) {
    const { status, problem } = await post(house, `{"to":{"name":"${name}","zip":"04524"},"grams":1}`)
    expect([status, problem.errors[0].field]).toEqual([400, "/to/name"])
  }
  expect((await ask(house, "/parcels/p%00")).body.errors[0].field).toBe("/parcelId")
})

test("a body nested too deep is refused", async () => {
  const { status, problem } = await post(await createHouse(), "[".repeat(100_000))
  expect([status, problem.code]).toEqual([400, "MALFORMED_JSON"])
  expect(problem.detail).toContain("deeper than 64 levels")
})

test("how deep a body is nested is counted across objects and lists, and of what is in it at once", async () => {
  const house = await createHouse()
  const nested = (levels: number) => (levels % 2 === 0 ? '{"a":[' : "").repeat(levels / 2) + "1" + "]}".repeat(levels / 2)
  expect((await post(house, nested(66))).problem).toMatchObject({
    code: "MALFORMED_JSON",
    detail: expect.stringContaining("64 levels") as unknown,
  })
  for (const shallow of [nested(64), JSON.stringify(Array.from({ length: 100 }, () => [{}])), JSON.stringify(['"[{\\'.repeat(100)])]) {
    expect((await post(house, shallow)).problem).toMatchObject({ code: "INVALID_INPUT" })
  }
})

test("every field that does not fit is named, in path, query and body", async () => {
  const house = await createHouse()
  const fields = (body: { errors: { field: string }[] }) => body.errors.map(({ field }) => field).sort()
  expect(fields((await ask(house, "/parcels/p")).body)).toEqual(["/parcelId"])
  expect(fields((await ask(house, "/parcels?limit=many&fragile=perhaps")).body)).toEqual(["/fragile", "/limit"])
  expect(fields((await post(house, '{"to":{"name":""},"grams":-1}')).problem)).toEqual(["/grams", "/to/name", "/to/zip"])
})

test("an idempotency key is accepted bare and quoted, and refused when it is neither", async () => {
  const house = await createHouse()
  const send = (key: string) => post(house, JSON.stringify(parcel), { "idempotency-key": key })
  expect((await send("k1")).text).toBe((await send('"k1"')).text)
  expect(house.world.sent).toHaveLength(1)
  for (const key of ["", "a b", '"a b"', "x".repeat(256)]) {
    const { status, problem } = await send(key)
    expect([status, problem.errors[0].field]).toEqual([400, "/headers/Idempotency-Key"])
  }
})

test.each([
  ["nonsense\r\n\r\n", 400],
  ["GET / HTTP/1.1\r\n\r\n", 400],
  ["GET /parcels/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 400],
  ["GET /parcels/%ff HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 400],
  [`GET /parcels/${"x".repeat(9000)} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`, 414],
  [`GET / HTTP/1.1\r\nhost: x\r\nlong: ${"x".repeat(20_000)}\r\n\r\n`, 431],
  ["POST /parcels HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n", 400],
  ["POST /parcels HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n", 400],
  ["GET /parcels HTTP/1.1\r\nhost: x\r\nhost: y\r\nconnection: close\r\n\r\n", 400],
  ["GET /parcels HTTP/1.1\r\nhost: x/parcels?y@z\r\nconnection: close\r\n\r\n", 400],
  ["PUT http://x/parcels?limit=1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 405],
  ["PROPFIND /parcels HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 405],
  ["GET /parcels HTTP/1.1\r\nhost: x\r\nexpect: miracles\r\nconnection: close\r\n\r\n", 417],
])("the bytes %j get a problem document with status %i", async (bytes, status) => {
  const { gateway } = await createHouse()
  const answer = await exchangeBytes(gateway.address.port, bytes, true)
  expect(answer).toContain(`HTTP/1.1 ${status} `)
  expect(answer.toLowerCase()).toContain("content-type: application/problem+json")
  expect(answer.toLowerCase()).toMatch(/x-trace-id: [0-9a-f]{32}/)
  expect(answer).not.toMatch(/node_modules|\.ts:|    at /)
})

test("of two tokens, or two types of a body, neither is taken", async () => {
  const { gateway } = await createHouse()
  const [body, token] = [JSON.stringify(parcel), `authorization: Bearer ${await tokenFor(kim)}`]
  const send = (...headers: readonly string[]) => {
    const head = ["POST /parcels HTTP/1.1", "host: x", "connection: close", `content-length: ${body.length}`, ...headers]
    return exchangeBytes(gateway.address.port, `${head.join("\r\n")}\r\n\r\n${body}`)
  }
  const type = "content-type: application/json"
  expect(await send(type, token)).toContain("HTTP/1.1 200 ")
  expect(await send(type, token, "authorization: Bearer of.somebody.else")).toContain("HTTP/1.1 401 ")
  expect(await send(type, "content-type: text/plain", token)).toContain("HTTP/1.1 415 ")
})

test("no JSON whatever makes it answer with a 5xx", async () => {
  const house = await createHouse()
  const almost = fc.record({ to: fc.record({ name: fc.anything(), zip: fc.string() }, { requiredKeys: [] }), grams: fc.jsonValue() })
  const body = fc.oneof(fc.jsonValue(), almost).map((value) => JSON.stringify(value) ?? "")
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      expect((await post(house, text)).status).toBeLessThan(500)
    }),
    { numRuns: 150 },
  )
})

test("no path and query whatever make it answer with a 5xx", async () => {
  const house = await createHouse()
  const piece = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }).map(encodeSafely),
    fc.constantFrom("..", "%00", "%2e", "__proto__", "[]"),
  )
  await fc.assert(
    fc.asyncProperty(piece, piece, piece, async (path, name, value) => {
      const url = new URL(`${house.gateway.url}/parcels`)
      url.pathname += path === "" ? "" : `/${path}`
      url.search = `${name}=${value}`
      expect((await fetch(url)).status).toBeLessThan(500)
    }),
    { numRuns: 150 },
  )
})

function encodeSafely(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

test.each(["GET /%zz", "GET /nothing", "DELETE /parcels/p1", "POST /parcels", "GET /docs", "nonsense"])(
  "a client that resets its connection as it sends %s ends nothing but that",
  async (request) => {
    const uncaught = vi.fn()
    process.on("uncaughtException", uncaught)
    onTestFinished(() => void process.off("uncaughtException", uncaught))
    const house = await createHouse({ requestsPerSecond: 100 })
    const socket = connect(house.gateway.address.port, "127.0.0.1")
    await once(socket, "connect")
    // By now the gateway has the connection; what comes next, it finds both at once.
    expect((await ask(house, "/parcels/p1")).status).toBe(200)
    socket.write(`${request} HTTP/1.1\r\nhost: x\r\n\r\n`)
    socket.resetAndDestroy()
    await expect.poll(async () => (await ask(house, "/parcels/p1")).status).toBe(200)
    expect(uncaught).not.toHaveBeenCalled()
    expect(house.logLines).toEqual([])
  },
)

test("a client that does not close its end after it was told that this is no HTTP is cut", async () => {
  const house = await createHouse()
  const socket = connect({ port: house.gateway.address.port, host: "127.0.0.1", allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  const cut = once(socket, "error")
  socket.write("nonsense\r\n\r\n")
  const answer = await socket.setEncoding("utf8").toArray()
  expect(answer.join("")).toContain("HTTP/1.1 400 ")
  const writing = setInterval(() => socket.write("more"), 50)
  onTestFinished(() => clearInterval(writing))
  expect(await cut).toMatchObject([{ code: expect.stringMatching(/EPIPE|ECONNRESET/) as unknown }])
})

test("what is no HTTP after a whole request is not told as the answer to that request", async () => {
  const house = await createHouse()
  const { port } = house.gateway.address
  const answer = exchangeBytes(port, "GET /wait HTTP/1.1\r\nhost: x\r\n\r\nnonsense\r\n\r\n").catch(String)
  expect(await answer).not.toContain("400")
  await expect.poll(() => house.world.waiting[0]?.signal.aborted).toBe(true)
})

test("a body that goes on as no HTTP after its request was answered gets no second answer", async () => {
  const { gateway } = await createHouse()
  const socket = connect(gateway.address.port, "127.0.0.1")
  onTestFinished(() => void socket.destroy())
  let answers = ""
  socket.setEncoding("utf8").on("data", (text: string) => (answers += text))
  socket.write("POST /parcels HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n")
  await expect.poll(() => answers).toContain("UNAUTHENTICATED")
  socket.write("nonsense\r\n")
  await once(socket, "close")
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 401"])
})

test("a path in which a field has no text leads nowhere", async () => {
  const house = await createHouse()
  expect((await ask(house, "/parcels/", { method: "DELETE" })).status).toBe(404)
  expect(
    (await ask(house, "/parcels//address", { method: "PUT", as: { subject: "a", roles: ["admin"] }, body: { zip: "1" } })).status,
  ).toBe(404)
})

test("a path of nothing but what stands between fields of a segment does not keep it from the requests of others", async () => {
  const Day = z.object({ year: z.string(), month: z.string(), day: z.string() })
  const contract = defineContract("calendar", {
    day: query({ input: Day, output: Day, access: "public", http: "GET /days/{year}-{month}-{day}" }),
    picture: query({ input: Day, output: Day, access: "public", http: "GET /pictures/{year}_{month}_{day}.png" }),
  })
  const handlers = { day: () => (day: z.infer<typeof Day>) => day, picture: () => (day: z.infer<typeof Day>) => day }
  const house = await openGateway([defineModule({ contract, owner: "team-calendar", handlers })])
  const statusOf = async (path: string, method = "GET") => (await ask(house, path, { method })).status
  expect(await statusOf(`/days/${"-".repeat(8_000)}/`)).toBe(404)
  expect(await statusOf(`/pictures/${"_".repeat(8_000)}`)).toBe(404)
  expect((await ask(house, "/days/2026-11-30")).body).toEqual({ year: "2026", month: "11", day: "30" })
  expect((await ask(house, "/pictures/_1_2_3.png")).body).toEqual({ year: "_1", month: "2", day: "3" })
  expect((await ask(house, "/days/2026-11-30-late")).body).toEqual({ year: "2026", month: "11", day: "30-late" })
  expect((await ask(house, "/pictures/1_2_a%2Fb.png")).body).toEqual({ year: "1", month: "2", day: "a/b" })
  expect([await statusOf("/days/2026-11-30", "POST"), await statusOf("/days/2026-11", "POST")]).toEqual([405, 404])
})
