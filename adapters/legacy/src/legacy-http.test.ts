import type { ServerResponse } from "node:http"
import { gzipSync } from "node:zlib"
import { command, defineContract, isFault, query, refusal, refusalOf } from "@hanok/contract"
import type { Client, Fault, Filled } from "@hanok/contract"
import { afterEach, beforeEach, expect, test } from "vitest"
import { z } from "zod"
import { createOldSystem, createTestContext, silentLog } from "./fixture.ts"
import type { OldSystem } from "./fixture.ts"
import { legacyHttp } from "./legacy-http.ts"
import { reply } from "./reply.ts"

const coreContract = defineContract("core", {
  statementOf: query({
    input: z.object({ partnerId: z.string(), month: z.string().default("2026-11") }),
    output: z.object({ partnerId: z.string(), netCents: z.int() }),
    refusals: { PARTNER_UNKNOWN: refusal(z.object({ partnerId: z.string() }), { status: 404 }), MONTH_CLOSED: z.object({}) },
    timeoutMs: 5_000,
  }),
  addSale: command({ input: z.object({ orderId: z.string(), amountCents: z.int() }), output: z.object({ recorded: z.boolean() }) }),
  rename: command({
    input: z.object({ partnerId: z.string(), name: z.string() }),
    output: z.object({}),
    refusals: { NAME_TAKEN: z.object({ by: z.string().default("somebody") }) },
  }),
  hurried: query({ input: z.object({}), output: z.object({}), timeoutMs: 30 }),
  tagged: query({ input: z.object({ tag: z.string() }), output: z.object({}), timeoutMs: 2 ** 31 }),
})

const Statement = z.object({ result: z.literal("0000"), data: z.object({ Partner_ID: z.string(), netAmt: z.coerce.number() }) })

const core = legacyHttp(coreContract, {
  baseUrlFrom: "CORE_URL",
  longestReplyBytes: 10_000,
  operations: {
    statementOf: {
      request: "GET /settle/partner.do",
      query: ({ partnerId, month }) => ({ pid: partnerId, ym: month, none: undefined }),
      output: reply(Statement, ({ data }) => ({ partnerId: data.Partner_ID, netCents: data.netAmt * 100 })),
      refusals: {
        PARTNER_UNKNOWN: reply(z.object({ result: z.literal("0004"), msg: z.string() }), ({ msg }) => ({ partnerId: msg })),
        MONTH_CLOSED: reply(z.string(), () => ({}), { status: 410 }),
      },
    },
    addSale: {
      request: "POST /settle/addSale.do",
      form: ({ orderId, amountCents }) => ({ ordNo: orderId, amt: amountCents / 100, tag: ["a", "b"] }),
      output: reply(z.enum(["OK", "DUP"]), (text) => ({ recorded: text === "OK" })),
    },
    rename: {
      request: "PUT /partners/{id}/name",
      path: ({ partnerId }) => ({ id: partnerId }),
      json: ({ name }) => ({ nm: name }),
      headers: () => ({ "Content-Type": "application/vnd.old+json" }),
      output: reply(z.unknown(), () => ({}), { status: 204 }),
      refusals: { NAME_TAKEN: reply(z.looseObject({ taken: z.literal(true), by: z.any().optional() }), (taken) => taken) },
    },
    hurried: { request: "GET /hurried", output: reply(z.unknown(), () => ({})) },
    tagged: {
      request: "GET /tagged.do?method=list&of={tag}",
      path: ({ tag }) => ({ tag: tag }),
      headers: ({ tag }) => ({ "x-tag": tag }),
      output: reply(z.unknown(), () => ({})),
    },
  },
})

let old: OldSystem
let filled: Filled<Client<typeof coreContract>>
const opened: Filled<unknown>[] = []

beforeEach(async () => {
  old = await createOldSystem()
  filled = await open(old.url)
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((need) => need.close?.()))
  await old.close()
})

async function open(url: string | undefined): Promise<typeof filled> {
  const need = await core.create({ module: "settlement", env: { CORE_URL: url }, log: silentLog })
  opened.push(need)
  return need
}

function answers(status: number, body: string, headers: Record<string, string> = {}): void {
  old.answer((response) => response.writeHead(status, headers).end(body))
}

const statement = JSON.stringify({ result: "0000", data: { Partner_ID: "p1", netAmt: "12" } })

function faultOf(work: Promise<unknown>): Promise<Fault> {
  return work.then(
    () => expect.fail("nothing went wrong"),
    (error: unknown) => (isFault(error) ? error : expect.fail(`not a fault: ${String(error)}`)),
  )
}

test("a query is said in the old system's terms and its reply in the contract's", async () => {
  answers(200, statement)
  const output = await filled.port.statementOf({ partnerId: "p 1" }, createTestContext())
  expect(output).toEqual({ partnerId: "p1", netCents: 1200 })
  expect(old.requests[0]).toMatchObject({ method: "GET", url: "/settle/partner.do?pid=p+1&ym=2026-11" })
})

test("a form is encoded as forms are, a list once for each item", async () => {
  answers(200, "OK", { "content-type": "text/plain" })
  expect(await filled.port.addSale({ orderId: "o&1", amountCents: 250 }, createTestContext())).toEqual({ recorded: true })
  expect(old.requests[0]?.body).toBe("ordNo=o%261&amt=2.5&tag=a&tag=b")
  expect(old.requests[0]?.headers["content-type"]).toMatch(/^application\/x-www-form-urlencoded/)
})

test("a path is filled and escaped, and a body travels as JSON", async () => {
  answers(204, "")
  await filled.port.rename({ partnerId: "a/b", name: "한옥" }, createTestContext())
  expect(old.requests[0]).toMatchObject({ method: "PUT", url: "/partners/a%2Fb/name", body: '{"nm":"한옥"}' })
})

test("a header that the mapping gives takes the place of the usual one", async () => {
  answers(204, "")
  await filled.port.rename({ partnerId: "p", name: "x" }, createTestContext())
  expect(old.requests[0]?.headers["content-type"]).toBe("application/vnd.old+json")
})

test("the base URL's path comes first, and its user becomes basic authentication", async () => {
  answers(200, statement)
  const { port } = await open(old.url.replace("http://", "http://shop:s3cret@") + "/old/")
  const context = createTestContext()
  await port.statementOf({ partnerId: "p1" }, context)
  expect(old.requests[0]?.url).toMatch(/^\/old\/settle\/partner\.do\?/)
  expect(old.requests[0]?.headers.authorization).toBe(`Basic ${btoa("shop:s3cret")}`)
  expect(JSON.stringify(context.spans)).not.toContain("s3cret")
})

test("a body that means no becomes the contract's refusal", async () => {
  answers(200, JSON.stringify({ result: "0004", msg: "p9" }))
  const context = createTestContext()
  const error = await filled.port.statementOf({ partnerId: "p9" }, context).catch((caught: unknown) => caught)
  expect(refusalOf(coreContract, "statementOf", error)).toMatchObject({ code: "PARTNER_UNKNOWN", details: { partnerId: "p9" } })
  expect(context.spans[0]?.error).toBe(error)
})

test("a status that means no becomes the contract's refusal", async () => {
  answers(410, "gone")
  const error = await filled.port.statementOf({ partnerId: "p1" }, createTestContext()).catch((caught: unknown) => caught)
  expect(refusalOf(coreContract, "statementOf", error)?.code).toBe("MONTH_CLOSED")
})

test("a malformed reply is a fault that names the field", async () => {
  answers(200, JSON.stringify({ result: "0000", data: { Partner_ID: "p1", netAmt: "soon" } }))
  const fault = await faultOf(filled.port.statementOf({ partnerId: "p1" }, createTestContext()))
  expect(fault.code).toBe("INVALID_OUTPUT")
  expect(fault.issues[0]?.field).toBe("/data/netAmt")
  expect(fault.message).toContain("GET /settle/partner.do")
})

test("a reply that is not JSON is a fault that shows its beginning", async () => {
  answers(200, "<html>Login</html>")
  const fault = await faultOf(filled.port.statementOf({ partnerId: "p1" }, createTestContext()))
  expect(fault.message).toContain("<html>Login")
})

test("an output that the contract does not declare is the mapping's fault", async () => {
  answers(200, JSON.stringify({ result: "0000", data: { Partner_ID: "p1", netAmt: 0.001 } }))
  const fault = await faultOf(filled.port.statementOf({ partnerId: "p1" }, createTestContext()))
  expect([fault.code, fault.issues[0]?.field]).toEqual(["INVALID_OUTPUT", "/netCents"])
})

test("an invalid input is not sent", async () => {
  // @ts-expect-error: what a caller without types may do
  const fault = await faultOf(filled.port.addSale({ orderId: 1, amountCents: 1 }, createTestContext()))
  expect([fault.code, fault.issues[0]?.field, old.requests.length]).toEqual(["INVALID_INPUT", "/orderId", 0])
})

test.each([
  [503, "UNAVAILABLE"],
  [502, "UNAVAILABLE"],
  [504, "UNAVAILABLE"],
  [429, "OVERLOADED"],
  [500, "INTERNAL"],
  [302, "INTERNAL"],
  [418, "INTERNAL"],
] as const)("a status %i of its own is %s", async (status, code) => {
  answers(status, "Sorry", { "retry-after": "7", location: "/elsewhere" })
  const fault = await faultOf(filled.port.addSale({ orderId: "o1", amountCents: 1 }, createTestContext()))
  expect([fault.code, fault.retryAfterMs]).toEqual([code, fault.retryable ? 7_000 : undefined])
  expect(fault.message).toContain(String(status))
})

test("a system that is away is UNAVAILABLE, and says where it should be", async () => {
  await old.close()
  const fault = await faultOf(filled.port.statementOf({ partnerId: "p1" }, createTestContext()))
  expect([fault.code, fault.retryable]).toEqual(["UNAVAILABLE", true])
  expect(fault.message).toContain(old.url.replace("http://", ""))
  await filled.ready?.()
})

test("without an address the need is ready and its calls say what to set", async () => {
  const unset = await open(undefined)
  await unset.ready?.()
  const fault = await faultOf(unset.port.statementOf({ partnerId: "p1" }, createTestContext()))
  expect(fault.code).toBe("UNAVAILABLE")
  expect(fault.message).toContain("CORE_URL is not set")
})

test("an address that is none is told at the start, without showing it", async () => {
  await expect(open("ftp://user:s3cret@host")).rejects.toThrow(/CORE_URL, needed by the module settlement, is not a URL of HTTP/)
  await expect(open("ftp://user:s3cret@host")).rejects.not.toThrow(/s3cret/)
})

test("a password whose % is not written as a URL's is told at the start, without showing it", async () => {
  await expect(open("http://user:50%s3cret@host")).rejects.toThrow(/CORE_URL, needed by the module settlement, has a user or password/)
  await expect(open("http://user:50%s3cret@host")).rejects.not.toThrow(/s3cret/)
})

test("a password without a user is sent as well", async () => {
  answers(200, statement)
  const { port } = await open(old.url.replace("http://", "http://:s3cret@"))
  await port.statementOf({ partnerId: "p1" }, createTestContext())
  expect(old.requests[0]?.headers.authorization).toBe(`Basic ${btoa(":s3cret")}`)
})

test("a call ends at the operation's own time limit", async () => {
  old.answer(() => undefined)
  const fault = await faultOf(filled.port.hurried({}, createTestContext()))
  expect([fault.code, fault.message]).toEqual(["DEADLINE_EXCEEDED", expect.stringContaining("30 ms")])
})

test("a call ends at its caller's deadline", async () => {
  old.answer(() => undefined)
  const fault = await faultOf(filled.port.statementOf({ partnerId: "p1" }, createTestContext({ timeoutMs: 40 })))
  expect(fault.code).toBe("DEADLINE_EXCEEDED")
})

test("a caller that goes away cuts the request, also in the middle of the reply", async () => {
  const context = createTestContext()
  const cut = new Promise<void>((resolve) => {
    old.answer((response) => {
      response.on("close", resolve)
      response.write("{")
      context.cancel()
    })
  })
  const fault = await faultOf(filled.port.statementOf({ partnerId: "p1" }, context))
  expect(fault.code).toBe("CANCELLED")
  await cut
})

test("a call whose caller has gone is not sent", async () => {
  const context = createTestContext()
  context.cancel()
  expect((await faultOf(filled.port.statementOf({ partnerId: "p1" }, context))).code).toBe("CANCELLED")
  expect(old.requests).toEqual([])
})

test("each call is a client span, and its trace goes on", async () => {
  answers(200, statement)
  const context = createTestContext()
  await filled.port.statementOf({ partnerId: "p1" }, context)
  expect(context.spans).toEqual([
    {
      name: "GET /settle/partner.do",
      kind: "client",
      error: undefined,
      attributes: {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "server.address": "127.0.0.1",
        "server.port": Number(new URL(old.url).port),
        "url.full": `${old.url}/settle/partner.do?pid=p1&ym=2026-11`,
        "url.template": "/settle/partner.do",
        "peer.service": "core",
        "rpc.method": "core.statementOf",
      },
    },
  ])
  expect(old.requests[0]?.headers["traceparent"]).toBe(`00-${"1".repeat(32)}-${"3".repeat(16)}-01`)
})

test("a failed call's span says what failed", async () => {
  answers(503, "")
  const context = createTestContext()
  const fault = await faultOf(filled.port.statementOf({ partnerId: "p1" }, context))
  expect(context.spans[0]).toMatchObject({ error: fault, attributes: { "http.response.status_code": 503 } })
})

test("commands of keyed work carry keys of their own, the same when the work is repeated", async () => {
  answers(200, "OK")
  for (const round of [1, 2]) {
    const context = createTestContext({ key: "event 7" })
    await filled.port.addSale({ orderId: `o${round}`, amountCents: 1 }, context)
    await filled.port.addSale({ orderId: `o${round}`, amountCents: 2 }, context)
  }
  const keys = old.requests.map(({ headers }) => headers["idempotency-key"])
  const [first, second] = [0, 1].map((number) => `event 7 in settlement>core.addSale#${number}`)
  expect(keys).toEqual([first, second, first, second])
})

test("modules that are given one key send keys of their own", async () => {
  answers(200, "OK")
  for (const module of ["gift", "order"]) {
    const need = await core.create({ module, env: { CORE_URL: old.url }, log: silentLog })
    await need.port.addSale({ orderId: "o1", amountCents: 1 }, createTestContext({ key: "k" }))
    await need.close?.()
  }
  expect(new Set(old.requests.map(({ headers }) => headers["idempotency-key"])).size).toBe(2)
})

test("a caller's own key is passed on, as a digest where a header could not carry it; a query has none", async () => {
  old.answer((response, { method }) => response.end(method === "GET" ? statement : "OK"))
  const context = createTestContext({ key: "k" })
  await filled.port.addSale({ orderId: "o", amountCents: 1 }, context, { idempotencyKey: "mine" })
  await filled.port.addSale({ orderId: "o", amountCents: 1 }, context, { idempotencyKey: "열쇠\r\n" })
  await filled.port.statementOf({ partnerId: "p1" }, context)
  const keys = old.requests.map(({ headers }) => headers["idempotency-key"])
  expect(keys).toEqual(["mine", expect.stringMatching(/^[\w-]{43}$/), undefined])
})

test("connections are kept for the next call", async () => {
  answers(200, statement)
  for (const partnerId of ["p1", "p2", "p3"]) await filled.port.statementOf({ partnerId }, createTestContext())
  expect(old.connections).toBe(1)
})

test("a query on a kept connection that the old system has dropped is sent again, a command is not", async () => {
  answers(200, statement)
  const drops = (fresh: string) =>
    old.answer((response, { url }) => (old.requests.length % 2 === 0 ? response.socket?.destroy() : response.end(url ? fresh : "")))
  await filled.port.statementOf({ partnerId: "p1" }, createTestContext())
  drops(statement)
  expect(await filled.port.statementOf({ partnerId: "p2" }, createTestContext())).toMatchObject({ netCents: 1200 })
  expect(old.requests.length).toBe(3)
  const fault = await faultOf(filled.port.addSale({ orderId: "o", amountCents: 1 }, createTestContext()))
  expect([fault.code, old.requests.length]).toEqual(["UNAVAILABLE", 4])
})

test("a reply in the encoding of its time is read in it", async () => {
  old.answer((response) => response.writeHead(410, { "content-type": "text/html; charset=euc-kr" }).end(Buffer.from([0xc7, 0xd1])))
  const fault = await faultOf(filled.port.addSale({ orderId: "o", amountCents: 1 }, createTestContext()))
  expect(fault.message).toContain("한")
})

test("a reply without end is cut", async () => {
  answers(200, "x".repeat(20_000))
  const fault = await faultOf(filled.port.statementOf({ partnerId: "p1" }, createTestContext()))
  expect([fault.code, fault.message]).toEqual(["INVALID_OUTPUT", expect.stringContaining("longer than 10000 bytes")])
})

test("a refusal that the mapping forgets, and an output of another type, do not compile", () => {
  const contract = defineContract("typed", {
    rename: command({ input: z.object({}), output: z.object({ name: z.string() }), refusals: { TAKEN: z.object({}) } }),
  })
  const taken = reply(z.literal("taken"), () => ({}))
  const request = "POST /rename"
  const fits = reply(z.string(), (name) => ({ name }))
  const other = reply(z.number(), (name) => ({ name }))
  legacyHttp(contract, { baseUrlFrom: "X", operations: { rename: { request, output: fits, refusals: { TAKEN: taken } } } })
  // @ts-expect-error: TAKEN has no mapping
  legacyHttp(contract, { baseUrlFrom: "X", operations: { rename: { request, output: fits, refusals: {} } } })
  // @ts-expect-error: a name is a text
  legacyHttp(contract, { baseUrlFrom: "X", operations: { rename: { request, output: other, refusals: { TAKEN: taken } } } })
})

test("commands that the old system does not answer keep no query waiting", async () => {
  old.answer((response, { method }) => (method === "GET" ? response.end(statement) : undefined))
  const context = createTestContext()
  const stuck = Array.from({ length: 20 }, () => faultOf(filled.port.addSale({ orderId: "o", amountCents: 1 }, context)))
  expect(await filled.port.statementOf({ partnerId: "p1" }, createTestContext())).toMatchObject({ netCents: 1200 })
  context.cancel()
  await Promise.all(stuck)
})

test.each(["..", ".", "", "\ud800"])("a value %j, with which a path would lead elsewhere or nowhere, is not sent", async (partnerId) => {
  const fault = await faultOf(filled.port.rename({ partnerId, name: "x" }, createTestContext()))
  expect([fault.code, fault.message]).toEqual(["INVALID_INPUT", `{id} of the path /partners/{id}/name cannot be "${partnerId}".`])
  expect(old.requests).toEqual([])
})

test("a system that wants to speak another protocol keeps nobody waiting", async () => {
  old.answer((response) => response.socket?.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"))
  const fault = await faultOf(filled.port.statementOf({ partnerId: "p1" }, createTestContext({ timeoutMs: 1_000 })))
  expect([fault.code, fault.message]).toEqual(["UNAVAILABLE", expect.stringContaining("closed without a reply")])
})

test("a call that waits in line ends at its caller's deadline, however long those before it take", async () => {
  old.answer(() => undefined)
  const slow = createTestContext()
  const before = Array.from({ length: 5 }, () => faultOf(filled.port.addSale({ orderId: "o", amountCents: 1 }, slow)))
  const hurried = createTestContext({ timeoutMs: 50 })
  expect((await faultOf(filled.port.addSale({ orderId: "o", amountCents: 1 }, hurried))).code).toBe("DEADLINE_EXCEEDED")
  expect(slow.signal.aborted).toBe(false)
  slow.cancel()
  await Promise.all(before)
})

test("when it is closed, requests under way are cut, and those that wait in line are never sent", async () => {
  answers(200, statement)
  await filled.port.statementOf({ partnerId: "p1" }, createTestContext())
  old.answer(() => undefined)
  const context = createTestContext()
  const commands = Array.from({ length: 8 }, () => faultOf(filled.port.addSale({ orderId: "o", amountCents: 1 }, context)))
  const query = faultOf(filled.port.statementOf({ partnerId: "p1" }, context))
  await expect.poll(() => old.requests.length).toBe(7)
  await filled.close?.()
  const faults = await Promise.all([...commands, query, faultOf(filled.port.statementOf({ partnerId: "p1" }, context))])
  expect(new Set(faults.map(({ code }) => code))).toEqual(new Set(["UNAVAILABLE"]))
  expect(old.requests.length).toBe(7)
})

test("when the old system has dropped all connections that were kept, a query is sent again on a new one", async () => {
  const used = new Set<unknown>()
  const first: ServerResponse[] = []
  old.answer((response) => {
    if (used.has(response.socket)) return response.socket?.destroy()
    used.add(response.socket)
    first.push(response)
    if (first.length >= 3) for (const waiting of first) waiting.end(statement)
  })
  await Promise.all(["p1", "p2", "p3"].map((partnerId) => filled.port.statementOf({ partnerId }, createTestContext())))
  expect(await filled.port.statementOf({ partnerId: "p4" }, createTestContext())).toMatchObject({ netCents: 1200 })
  expect(old.connections).toBe(4)
})

test.each(["한옥", "a\r\nb"])(
  "a value %j, which no header can carry, is not sent, and not said to be the system's absence",
  async (tag) => {
    const fault = await faultOf(filled.port.tagged({ tag }, createTestContext()))
    expect([fault.code, fault.message]).toEqual(["INVALID_INPUT", `The header x-tag cannot be ${JSON.stringify(tag)}.`])
    expect(old.requests).toEqual([])
  },
)

test("an operation that allows more time than a timer can be set to does not end at once", async () => {
  answers(200, "{}")
  expect(await filled.port.tagged({ tag: "t" }, createTestContext())).toEqual({})
})

test("a refusal is what the contract declares: with its defaults, and without what is not in it", async () => {
  answers(409, JSON.stringify({ taken: true, secret: "s" }))
  const error = await filled.port.rename({ partnerId: "p1", name: "x" }, createTestContext()).catch((caught: unknown) => caught)
  expect(refusalOf(coreContract, "rename", error)?.details).toEqual({ by: "somebody" })
  answers(409, JSON.stringify({ taken: true, by: 7 }))
  const fault = await faultOf(filled.port.rename({ partnerId: "p1", name: "x" }, createTestContext()))
  expect([fault.code, fault.issues[0]?.field]).toEqual(["INVALID_OUTPUT", "/by"])
})

test("a system that compresses what nobody asks it to leave as it is sends replies that can be read", async () => {
  old.answer((response, { headers }) => {
    const plain = headers["accept-encoding"] === "identity"
    response.writeHead(200, plain ? {} : { "content-encoding": "gzip" }).end(plain ? statement : gzipSync(statement))
  })
  expect(await filled.port.statementOf({ partnerId: "p1" }, createTestContext())).toMatchObject({ netCents: 1200 })
})

test.each([
  [{}, 1_000],
  [{ "retry-after": "soon" }, 1_000],
  [{ "retry-after": "86400" }, 3_600_000],
  [{ "retry-after": "Thu, 01 Jan 2026 00:00:00 GMT" }, 0],
  [{ "retry-after": "Thu, 31 Dec 2099 00:00:00 GMT" }, 3_600_000],
])("with the headers %j it is worth asking again after %i ms", async (headers: Record<string, string>, retryAfterMs) => {
  answers(503, "", headers)
  expect((await faultOf(filled.port.statementOf({ partnerId: "p1" }, createTestContext()))).retryAfterMs).toBe(retryAfterMs)
})

test("a failure of the old system's own is no refusal, whatever its body looks like", async () => {
  answers(500, JSON.stringify({ result: "0004", msg: "p9" }))
  expect((await faultOf(filled.port.statementOf({ partnerId: "p9" }, createTestContext()))).code).toBe("INTERNAL")
})

test.each([
  ["", ": (empty)"],
  ["x".repeat(201), `: ${"x".repeat(200)}…`],
])("of the body %j of a failure its beginning is told", async (body, told) => {
  answers(500, body)
  const { message } = await faultOf(filled.port.statementOf({ partnerId: "p1" }, createTestContext()))
  expect(message.endsWith(told)).toBe(true)
})

test("a reply in an encoding that nobody knows is read as UTF-8", async () => {
  answers(500, "한옥", { "content-type": "text/plain; charset=x-unknown" })
  expect((await faultOf(filled.port.statementOf({ partnerId: "p1" }, createTestContext()))).message).toContain("한옥")
})

test("a query is sent no third time, and not even twice when its connection was new", async () => {
  old.answer((response) => response.socket?.destroy())
  await faultOf(filled.port.statementOf({ partnerId: "p1" }, createTestContext()))
  expect(old.requests.length).toBe(1)
  answers(200, statement)
  await filled.port.statementOf({ partnerId: "p1" }, createTestContext())
  old.answer((response) => response.socket?.destroy())
  await faultOf(filled.port.statementOf({ partnerId: "p1" }, createTestContext()))
  expect(old.requests.length).toBe(4)
})

test("a call may have less time than its operation allows", async () => {
  old.answer(() => undefined)
  const fault = await faultOf(filled.port.statementOf({ partnerId: "p1" }, createTestContext(), { timeoutMs: 20 }))
  expect([fault.code, fault.message]).toEqual(["DEADLINE_EXCEEDED", expect.stringContaining("20 ms")])
})

test("a key that is too long for a header is passed on as a digest", async () => {
  answers(200, "OK")
  await filled.port.addSale({ orderId: "o", amountCents: 1 }, createTestContext(), { idempotencyKey: "k".repeat(201) })
  expect(old.requests[0]?.headers["idempotency-key"]).toMatch(/^[\w-]{43}$/)
})

test("a query that stands in the mapping's path is sent as one", async () => {
  answers(200, "{}")
  await filled.port.tagged({ tag: "a&b?c" }, createTestContext())
  expect(old.requests[0]?.url).toBe("/tagged.do?method=list&of=a%26b%3Fc")
})

test("an address of https is never spoken to in the clear", async () => {
  const { port } = await open(old.url.replace("http:", "https:"))
  expect((await faultOf(port.statementOf({ partnerId: "p1" }, createTestContext()))).code).toBe("UNAVAILABLE")
  expect(old.requests).toEqual([])
})

test("a system that bears one connection for queries gets no second one, however many wait", async () => {
  const contract = defineContract("frail", { one: query({ input: z.object({}), output: z.object({}) }) })
  const operations = { one: { request: "GET /one", output: reply(z.unknown(), () => ({})) } } as const
  const frail = legacyHttp(contract, { baseUrlFrom: "CORE_URL", connections: 1, operations })
  const need = await frail.create({ module: "settlement", env: { CORE_URL: old.url }, log: silentLog })
  opened.push(need)
  await Promise.all([1, 2, 3].map(() => need.port.one({}, createTestContext())))
  expect([old.connections, old.requests.length]).toEqual([1, 3])
})
