import { createServer } from "node:http"
import { command, createClient, defineContract, defineModule, isFault, query, refusal, refusalOf } from "@hanok/contract"
import type { FaultCode, HandlerContext, RefusalDeclaration } from "@hanok/contract"
import { expect, expectTypeOf, onTestFinished, test } from "vitest"
import { z } from "zod"
import { ask, createHouse, kim, openGateway, parcel, parcelContract, tokenFor } from "./fixture.ts"

async function createCaller(gateway?: Parameters<typeof createHouse>[0]) {
  const house = await createHouse(gateway)
  const client = createClient(parcelContract, { baseUrl: house.gateway.url, token: () => tokenFor(kim) })
  return { house, client }
}

async function codeOf(call: Promise<unknown>): Promise<FaultCode | undefined> {
  const error: unknown = await call.catch((thrown: unknown) => thrown)
  return isFault(error) ? error.code : undefined
}

test("every operation with a route is a function, typed by the contract", async () => {
  const { client } = await createCaller()
  expect(Object.keys(client)).toContain("parcel")
  expect(Object.keys(client)).not.toContain("inside")
  expectTypeOf(client).not.toHaveProperty("inside")
  expectTypeOf(client.send).parameter(0).toEqualTypeOf<{ to: { name: string; zip: string }; grams: number }>()
  expectTypeOf(client.parcel).returns.resolves.toEqualTypeOf<{ parcelId: string; grams: number }>()
})

test("path, query and body arrive, whatever characters are in them", async () => {
  const { client } = await createCaller()
  expect(await client.parcel({ parcelId: "a/b?c#d%20é한" })).toEqual({ parcelId: "a/b?c#d%20é한", grams: 500 })
  expect(await client.parcels({ limit: 3, fragile: false, tags: ["a&b", "c d"] })).toEqual({
    limit: 3,
    fragile: false,
    tags: ["a&b", "c d"],
  })
  expect(await client.parcels({})).toEqual({ limit: 10, fragile: null, tags: [] })
  expect(await client.send(parcel)).toMatchObject({ sender: "kim", count: 1 })
  expect(await client.discard({ parcelId: "p1" })).toEqual({ parcelId: "p1" })
})

test("a refusal arrives typed by its code", async () => {
  const { client } = await createCaller()
  const refused = refusalOf(parcelContract, "send", await client.send({ ...parcel, grams: 30_000 }).catch((error: unknown) => error))
  expect(refused?.code === "TOO_HEAVY" && refused.details.mostGrams).toBe(20_000)
})

test("an answer of the gateway itself is no refusal, also where a refusal has the same code", async () => {
  const contract = defineContract("find", {
    find: query({
      input: z.object({ id: z.string() }),
      output: z.object({}),
      refusals: { NOT_FOUND: refusal(z.object({ id: z.string() }), { status: 404 }) },
      access: "public",
      http: "GET /things/{id}",
    }),
  })
  const find =
    () =>
    async ({ id }: { id: string }, context: HandlerContext<{ NOT_FOUND: RefusalDeclaration }>) => {
      throw context.refusal("NOT_FOUND", { id })
    }
  const { gateway } = await openGateway([defineModule({ contract, owner: "team-find", handlers: { find } })])
  const found = (baseUrl: string) => createClient(contract, { baseUrl }).find({ id: "1" })
  const refused = await found(gateway.url).catch((error: unknown) => error)
  expect(refusalOf(contract, "find", refused)?.details).toEqual({ id: "1" })
  const elsewhere = await found(`${gateway.url}/another/place`).catch((error: unknown) => error)
  expect(refusalOf(contract, "find", elsewhere)).toBeUndefined()
  expect(elsewhere).toMatchObject({ code: "UNKNOWN_OPERATION", message: "There is nothing at /another/place/things/1." })
})

test("an invalid input is a fault with its fields", async () => {
  const { client } = await createCaller()
  const error: unknown = await client.send({ ...parcel, grams: -1 }).catch((thrown: unknown) => thrown)
  expect(isFault(error, "INVALID_INPUT") && error.issues.map(({ field }) => field)).toEqual(["/grams"])
})

test("what a path cannot carry is refused before it is sent", async () => {
  const { client } = await createCaller()
  for (const parcelId of ["", ".", "..", "\ud800"]) expect(await codeOf(client.parcel({ parcelId }))).toBe("INVALID_INPUT")
})

test("a key or a token that no header can carry is refused before it is sent, and not told", async () => {
  const { client, house } = await createCaller()
  const keyed: unknown = await client.send(parcel, { idempotencyKey: "열쇠" }).catch((error: unknown) => error)
  expect(keyed).toMatchObject({ code: "INVALID_INPUT", message: expect.stringMatching(/its idempotencyKey has characters/) })
  const broken = createClient(parcelContract, { baseUrl: house.gateway.url, token: "a\nsecret" })
  expect(String(await broken.send(parcel).catch((error: unknown) => error))).toMatch(/its token has characters that no header can carry\.$/)
})

test("a time to wait may be of any length, and of no whole milliseconds", async () => {
  const { client } = await createCaller()
  for (const timeoutMs of [2_000.5, 2 ** 31, Number.POSITIVE_INFINITY, Number.NaN])
    expect(await client.parcel({ parcelId: "p1" }, { timeoutMs })).toEqual({ parcelId: "p1", grams: 500 })
  for (const timeoutMs of [0, -1]) expect(await codeOf(client.wait({}, { timeoutMs }))).toBe("DEADLINE_EXCEEDED")
})

test("half of a surrogate pair is refused in a query, too, which would carry another character in its place", async () => {
  const { client } = await createCaller()
  expect(await codeOf(client.parcels({ tags: ["a", "\ud800"] }))).toBe("INVALID_INPUT")
  expect((await client.parcels({ tags: ["a", "\u{1f4e6}"] })).tags).toEqual(["a", "\u{1f4e6}"])
})

test("repetitions with one idempotency key are applied once", async () => {
  const { client, house } = await createCaller()
  const options = { idempotencyKey: "once" }
  expect(await client.send(parcel, options)).toEqual(await client.send(parcel, options))
  expect(house.world.sent).toHaveLength(1)
  expect(await codeOf(client.send({ ...parcel, grams: 7 }, options))).toBe("IDEMPOTENCY_KEY_REUSED")
})

test("without a token, or with a wrong one, the fault says so", async () => {
  const { house } = await createCaller()
  const { url } = house.gateway
  expect(await codeOf(createClient(parcelContract, { baseUrl: url }).send(parcel))).toBe("UNAUTHENTICATED")
  expect(await codeOf(createClient(parcelContract, { baseUrl: url, token: "nonsense" }).send(parcel))).toBe("UNAUTHENTICATED")
  expect(
    await codeOf(createClient(parcelContract, { baseUrl: `${url}/`, token: await tokenFor(kim) }).redirect({ parcelId: "p1", zip: "1" })),
  ).toBe("FORBIDDEN")
})

test("a call that is given up ends at once and is cancelled inside", async () => {
  const { client, house } = await createCaller()
  const leaving = new AbortController()
  const call = codeOf(client.wait({}, { signal: leaving.signal }))
  await expect.poll(() => house.world.waiting.length).toBe(1)
  leaving.abort()
  expect(await call).toBe("CANCELLED")
  await expect.poll(() => house.world.waiting[0]?.signal.aborted).toBe(true)
})

test("a call that is not answered in time ends with the fault for it", async () => {
  const { client } = await createCaller()
  expect(await codeOf(client.wait({}, { timeoutMs: 30 }))).toBe("DEADLINE_EXCEEDED")
  expect(await codeOf(client.late({}))).toBe("DEADLINE_EXCEEDED")
})

test("faults inside, limits and a gateway that is gone each have their code", async () => {
  const { client, house } = await createCaller({ requestsPerSecond: 0.01 })
  const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(client.parcel({ parcelId: "p1" }))))
  expect(codes).toContain("OVERLOADED")
  await house.gateway.close({ graceMs: 0 })
  expect(await codeOf(client.parcel({ parcelId: "p1" }))).toBe("UNAVAILABLE")
  expect(await codeOf((await createCaller()).client.crash({}))).toBe("INTERNAL")
})

test.each([
  [502, "<html>Bad Gateway</html>", "UNAVAILABLE"],
  [404, "not here", "UNKNOWN_OPERATION"],
  [500, "{}", "INTERNAL"],
  [200, "<html>", "INTERNAL"],
] as const)("an answer with status %i that no gateway would give is a fault", async (status, body, code) => {
  const server = createServer((_, response) => response.writeHead(status).end(body)).listen(0, "127.0.0.1")
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once("listening", resolve))
  const address = server.address()
  const port = typeof address === "object" && address ? address.port : 0
  const client = createClient(parcelContract, { baseUrl: `http://127.0.0.1:${port}` })
  expect(await codeOf(client.parcel({ parcelId: "p1" }))).toBe(code)
})

const PageNumber = z.int().min(1).meta({ id: "PageNumberOfPlaces" })
const Near = z.object({ by: z.literal("near"), page: PageNumber, box: z.tuple([z.number(), z.number()], z.int()) })
const All = z.object({ by: z.literal("all"), page: PageNumber.nullable(), name: z.string().nullable(), open: z.boolean().nullable() })
const Places = z.discriminatedUnion("by", [Near.meta({ id: "NearPlaces" }), All.meta({ id: "AllPlaces" })])
const Found = z.object({
  code: z.union([z.string(), z.int()]),
  level: z.union([z.enum(["any"]), z.number()]),
  tags: z.array(z.int()).nullable(),
})
const Point = z.object({ lat: z.number(), lng: z.number(), zoom: PageNumber })
const placeContract = defineContract("place", {
  places: query({ input: Places, output: Places, access: "public", http: "GET /places" }),
  found: query({ input: Found, output: Found, access: "public", http: "GET /found" }),
  at: query({ input: Point, output: Point, access: "public", http: "GET /places/{lat},{lng}@{zoom}x/near" }),
})

async function createPlaces() {
  const echo =
    <T>() =>
    async (input: T) =>
      input
  const handlers = { places: echo<z.infer<typeof Places>>, found: echo<z.infer<typeof Found>>, at: echo<z.infer<typeof Point>> }
  const house = await openGateway([defineModule({ contract: placeContract, owner: "team-place", handlers })])
  return { house, client: createClient(placeContract, { baseUrl: house.gateway.url }) }
}

test("fields and choices of inputs that have names, tuples, and null arrive in a query as they were sent", async () => {
  const { client } = await createPlaces()
  const near: z.infer<typeof Near> = { by: "near", page: 3, box: [1.5, -2, 7] }
  const all: z.infer<typeof All> = { by: "all", page: null, name: null, open: null }
  for (const places of [near, all, { ...all, page: 2, name: "2", open: false }]) expect(await client.places(places)).toEqual(places)
})

test("a list without items, and a text that looks like a number, arrive in a query as they were sent", async () => {
  const { client, house } = await createPlaces()
  const found: z.infer<typeof Found>[] = [
    { code: "12345678901234567890", level: 1.5, tags: [] },
    { code: "1.0", level: "any", tags: [1] },
    { code: 5, level: 2, tags: [1, 2] },
  ]
  for (const each of found) expect(await client.found(each)).toEqual(each)
  expect((await ask(house, "/found?code=1&level=1.0")).body).toEqual({ code: 1, level: 1, tags: [] })
})

test("fields of a path may have any text between them", async () => {
  const { client } = await createPlaces()
  expect(await client.at({ lat: 37.5, lng: -127, zoom: 4 })).toEqual({ lat: 37.5, lng: -127, zoom: 4 })
})

const File = z.object({ name: z.string(), version: z.string() })
const fileContract = defineContract("file", {
  dashed: query({ input: File, output: File, access: "public", http: "GET /dashed/{name}-{version}" }),
  dotted: query({ input: File, output: File, access: "public", http: "GET /dotted/v.{name}.{version}.zip" }),
  both: query({ input: File, output: File, access: "public", http: "GET /both/{name}--{version}/near" }),
  marked: query({ input: File, output: File, access: "public", http: "GET /marked/{name}@{version}x" }),
})

test("texts that share a segment of a path arrive as they were sent, or are refused before", async () => {
  const echo = () => async (file: z.infer<typeof File>) => file
  const handlers = { dashed: echo, dotted: echo, both: echo, marked: echo }
  const { gateway } = await openGateway([defineModule({ contract: fileContract, owner: "team-file", handlers })])
  const client = createClient(fileContract, { baseUrl: gateway.url })
  const texts = ["a", "-", "a-", "-a", "a-b", "--", "a.", "a.b", "@", "a@b", "x", "ax", "a/b", "a\nb"]
  for (const call of [client.dashed, client.dotted, client.both, client.marked]) {
    const files = texts.flatMap((name) => texts.map((version) => ({ name, version })))
    const outcomes = await Promise.all(files.map(async (file) => [file, await call(file).catch((error: unknown) => error)] as const))
    for (const [file, got] of outcomes) if (!isFault(got, "INVALID_INPUT")) expect(got).toEqual(file)
    expect(outcomes.filter(([{ name }, got]) => name === "a" && isFault(got))).toEqual([])
  }
  expect(await codeOf(client.marked({ name: "a@b", version: "1" }))).toBe("INVALID_INPUT")
})

test("an input that may be nothing may be left out", async () => {
  const Page = z.object({ page: z.int().default(1) })
  const contract = defineContract("shelf", {
    list: query({ input: Page.optional(), output: Page, access: "public", http: "GET /list" }),
    sort: command({ input: Page.optional(), output: Page, access: "public", http: "POST /sort" }),
  })
  const page = () => async (input: z.infer<typeof Page> | undefined) => input ?? { page: 0 }
  const { gateway } = await openGateway([defineModule({ contract, owner: "team-shelf", handlers: { list: page, sort: page } })])
  const client = createClient(contract, { baseUrl: gateway.url })
  expect([await client.list(undefined), await client.sort(undefined)]).toEqual([{ page: 1 }, { page: 1 }])
})
