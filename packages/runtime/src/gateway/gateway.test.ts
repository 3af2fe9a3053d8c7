import { createServer } from "node:net"
import { defineContract, defineModule, defineTopology, Fault, query } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { createAuthenticator } from "../auth/authenticator.ts"
import { ask, createHouse, kim, openGateway, parcel } from "./fixture.ts"
import { createGateway } from "./gateway.ts"
import type { GatewayConfiguration } from "./gateway.ts"

test("an operation is called by its route, and the answer carries the trace", async () => {
  const { status, headers, body } = await ask(await createHouse(), "/parcels/p1")
  expect(status).toBe(200)
  expect(headers.get("content-type")).toBe("application/json; charset=utf-8")
  expect(headers.get("x-trace-id")).toMatch(/^[0-9a-f]{32}$/)
  expect(headers.get("traceresponse")).toContain(headers.get("x-trace-id"))
  expect(headers.get("x-content-type-options")).toBe("nosniff")
  expect(body).toEqual({ parcelId: "p1", grams: 500 })
})

test("the client's trace goes on", async () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c"
  const { headers } = await ask(await createHouse(), "/parcels/p1", { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } })
  expect(headers.get("x-trace-id")).toBe(traceId)
})

test("query parameters arrive in the types of the contract, with its defaults", async () => {
  const house = await createHouse()
  expect((await ask(house, "/parcels?limit=7&fragile=true&tags=a&tags=b")).body).toEqual({ limit: 7, fragile: true, tags: ["a", "b"] })
  expect((await ask(house, "/parcels?tags=a")).body).toEqual({ limit: 10, fragile: null, tags: ["a"] })
})

test("HEAD answers as GET does, without a body", async () => {
  const { status, headers, body } = await ask(await createHouse(), "/parcels/p1", { method: "HEAD" })
  expect([status, body]).toEqual([200, undefined])
  expect(headers.get("content-length")).toBe("29")
})

test("without a token an operation for signed-in users answers 401 and what to bring", async () => {
  const { status, headers, body } = await ask(await createHouse(), "/parcels", { method: "POST", body: parcel })
  expect(status).toBe(401)
  expect(headers.get("www-authenticate")).toBe('Bearer realm="hanok"')
  expect(headers.get("content-type")).toContain("application/problem+json")
  expect(body).toMatchObject({ status: 401, code: "UNAUTHENTICATED", traceId: headers.get("x-trace-id") })
})

test("a token that is not valid is refused, for public operations too", async () => {
  const house = await createHouse()
  for (const authorization of ["Bearer nonsense", "Basic a2ltOmtpbQ=="]) {
    const { status, headers } = await ask(house, "/parcels/p1", { headers: { authorization } })
    expect(status).toBe(401)
    expect(headers.get("www-authenticate")).toContain('error="invalid_token"')
  }
})

test("a user without one of the roles gets 403, one with it gets through", async () => {
  const house = await createHouse()
  const change = { method: "PUT", body: { zip: "04524" } }
  const refused = await ask(house, "/parcels/p1/address", { ...change, as: kim })
  expect(refused.status).toBe(403)
  expect(refused.body.detail).toBe("parcel.redirect asks for one of the roles clerk, admin; the token has customer.")
  const allowed = await ask(house, "/parcels/p1/address", { ...change, as: { subject: "ann", roles: ["admin"] } })
  expect(allowed).toMatchObject({ status: 200, body: { zip: "04524" } })
})

test("the handler is told who asks", async () => {
  const { body } = await ask(await createHouse(), "/parcels", { method: "POST", body: parcel, as: kim })
  expect(body).toMatchObject({ sender: "kim", count: 1 })
})

test("an input that does not fit answers 400 and names the field", async () => {
  const wrong = { to: { name: "Lee", zip: "4524" }, grams: "heavy" }
  const { status, body } = await ask(await createHouse(), "/parcels", { method: "POST", body: wrong, as: kim })
  expect(status).toBe(400)
  expect(body.code).toBe("INVALID_INPUT")
  expect(body.errors.map(({ field }: { field: string }) => field).sort()).toEqual(["/grams", "/to/zip"])
})

test("a refusal answers with its declared status, code and details", async () => {
  const house = await createHouse()
  const heavy = await ask(house, "/parcels", { method: "POST", as: kim, body: { ...parcel, grams: 30_000 } })
  expect(heavy).toMatchObject({ status: 409, body: { code: "TOO_HEAVY", details: { mostGrams: 20_000 } } })
  const closed = await ask(house, "/parcels", { method: "POST", as: kim, body: { ...parcel, to: { name: "x", zip: "00000" } } })
  expect(closed).toMatchObject({ status: 423, body: { code: "CLOSED" } })
})

test("a handler that crashes answers 500 with the trace id, and nothing of its insides", async () => {
  const house = await createHouse()
  for (const path of ["/crash", "/broken"]) {
    const { status, body } = await ask(house, path)
    expect(status).toBe(500)
    expect(body.traceId).toMatch(/^[0-9a-f]{32}$/)
    expect(JSON.stringify(body)).not.toMatch(/cellar|\.ts|stack/)
  }
})

test("an operation that takes longer than it may answers 504", async () => {
  expect((await ask(await createHouse(), "/late")).status).toBe(504)
})

test.each([
  ["UNAVAILABLE", 503, "3", /^What this needs .* at present\.$/],
  ["OVERLOADED", 503, "3", /^What this needs .* at present\.$/],
  ["DEADLINE_EXCEEDED", 504, null, /^There was not enough time for this; what was begun may still complete\.$/],
  ["INCOMPATIBLE_CONTRACT", 503, null, /^What this needs is of a version that does not fit at present\.$/],
] as const)("what is %s behind the gateway is not named to clients, nor where it is", async (code, status, retryAfter, detail) => {
  const contract = defineContract("ship", {
    ship: query({ input: z.object({}), output: z.object({}), access: "public", http: "GET /ship" }),
  })
  const ship = () => () => {
    throw new Fault(code, "PostgreSQL at 10.0.0.5:5432 has given up.", { retryAfterMs: 2_500 })
  }
  const house = await openGateway([defineModule({ contract, owner: "team-ship", handlers: { ship } })])
  const answer = await ask(house, "/ship")
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([status, retryAfter])
  expect(answer.body).toMatchObject({ code, retryAfterMs: 2_500 })
  expect(answer.body.detail).toMatch(detail)
  expect(answer.body.hint).not.toContain("names the field")
})

test("what is not routed cannot be reached", async () => {
  const house = await createHouse()
  for (const path of ["/inside", "/parcel/inside", "/parcel.inside"]) expect((await ask(house, path)).status).toBe(404)
})

test("a path without that method answers 405 with those it has", async () => {
  const house = await createHouse()
  const { status, headers, body } = await ask(house, "/parcels/p1", { method: "PATCH" })
  expect([status, headers.get("allow"), body.code]).toEqual([405, "GET, HEAD, DELETE", "METHOD_NOT_ALLOWED"])
  expect((await ask(house, "/parcels/p1/address")).headers.get("allow")).toBe("PUT")
  expect((await ask(house, "/health/live", { method: "DELETE" })).status).toBe(405)
  // As the router has it, text is the same however it is encoded, but for a slash, which is no end of a segment then.
  expect((await ask(house, "/%70arcels/p1")).status).toBe(200)
  expect((await ask(house, "/%70arcels/p1", { method: "PATCH" })).status).toBe(405)
  expect((await ask(house, "/parcels/a%2fb", { method: "PATCH" })).status).toBe(405)
})

test("a command is applied once for one key of one user", async () => {
  const house = await createHouse()
  const send = { method: "POST", body: parcel, headers: { "idempotency-key": "k-1" } }
  const first = await ask(house, "/parcels", { ...send, as: kim })
  expect((await ask(house, "/parcels", { ...send, as: kim })).body).toEqual(first.body)
  const reused = await ask(house, "/parcels", { ...send, as: kim, body: { ...parcel, grams: 101 } })
  expect(reused).toMatchObject({ status: 422, body: { code: "IDEMPOTENCY_KEY_REUSED" } })
  expect((await ask(house, "/parcels", { ...send, as: { subject: "lee", roles: [] } })).body).toMatchObject({ sender: "lee", count: 2 })
})

test("no subject and key can be taken for another subject and key", async () => {
  const house = await createHouse()
  for (const [subject, key] of [
    ["a", 'b"|c'],
    ["a", "b|c"],
    ['a"|b', "c"],
    ["a|b", "c"],
    ["-", "c"],
  ] as const) {
    await ask(house, "/parcels", { method: "POST", body: parcel, as: { subject, roles: [] }, headers: { "idempotency-key": key } })
  }
  expect(new Set(house.world.sent.map(({ key }) => key)).size).toBe(5)
})

test("a command without a key gets one of its own", async () => {
  const house = await createHouse()
  for (let i = 0; i < 2; i++) await ask(house, "/parcels", { method: "POST", body: parcel, as: kim })
  const keys = house.world.sent.map(({ key }) => key)
  expect(new Set(keys).size).toBe(2)
})

test("when the client goes away the call is cancelled", async () => {
  const house = await createHouse()
  const leaving = new AbortController()
  const request = fetch(`${house.gateway.url}/wait`, { signal: leaving.signal }).catch((error: unknown) => error)
  await expect.poll(() => house.world.waiting.length).toBe(1)
  leaving.abort()
  await request
  await expect.poll(() => house.world.waiting[0]?.signal.aborted).toBe(true)
})

test("two operations with one route, or one of the gateway's own, are refused with all their names", async () => {
  const thing = query({ input: z.object({}), output: z.object({}), http: "GET /things/{thingId}" })
  const contract = defineContract("thing", { thing, same: { ...thing, http: "GET /things/{id}" }, docs: { ...thing, http: "GET /docs" } })
  const handlers = { thing: () => async () => ({}), same: () => async () => ({}), docs: () => async () => ({}) }
  const topology = defineTopology({ modules: [defineModule({ contract, owner: "t", handlers })] })
  const failure = await createGateway(configuration({ topology })).catch((error: unknown) => String(error))
  expect(failure).toContain("GET /things/{id} of thing.same is taken by thing.thing")
  expect(failure).toContain("/docs of thing.docs is one of the gateway's own paths")
})

test("a port that is taken rejects with its code", async () => {
  const taken = createServer().listen(0, "127.0.0.1")
  await new Promise((resolve) => taken.once("listening", resolve))
  const address = taken.address()
  const port = typeof address === "object" && address ? address.port : 0
  await expect(createGateway(configuration({ port }))).rejects.toMatchObject({ code: "EADDRINUSE" })
  taken.close()
})

function configuration(parts: Partial<GatewayConfiguration>): GatewayConfiguration {
  return {
    topology: defineTopology({ modules: [] }),
    edge: {
      entry() {
        throw new Error("no request is made")
      },
    },
    auth: createAuthenticator({ HANOK_SECRET: "a secret of these tests, long enough" }),
    log: { debug() {}, info() {}, warn() {}, error() {} },
    unready: async () => [],
    port: 0,
    ...parts,
  }
}
