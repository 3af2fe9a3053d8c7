import { isFault } from "@hanok/contract"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestContext, createTestServer, fillStore } from "./fixture.ts"
import type { TestServer } from "./fixture.ts"
import { openOutbox } from "./open-outbox.ts"
import { postgres } from "./postgres.ts"

let server: TestServer

beforeAll(async () => {
  server = await createTestServer()
})
afterAll(() => server.close())

const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
const envelope = { id: "e", contract: "order", event: "paid", payload: {}, orderingKey: "k", occurredAt: 5, trace }

/** A module whose one event was given up. */
async function moduleWithParked(module: string, url: string) {
  const store = await fillStore(postgres({ migrations: await server.migrations({}), read: () => ({}), write: () => ({}) }), module, url)
  await store.port.transaction(createTestContext(), ({ outbox }) => outbox.append(envelope, ["gift"]))
  const [delivery] = await store.outbox.lease(1, 60_000)
  await store.outbox.failed(delivery?.id ?? "", "no", undefined)
  return store
}

test("an owner who is no superuser looks into a module's outbox and replays, and its services deliver then", async () => {
  await server.ask("create role keeper login createrole password 'keeper'; grant create on database postgres to keeper")
  const url = new URL(server.url)
  url.username = "keeper"
  url.password = "keeper"
  const store = await moduleWithParked("order 'of' \"mine\"", url.href)
  const open = await openOutbox({ url: url.href, module: "order 'of' \"mine\"" })
  const [parked] = (await open?.outbox.parked(10)) ?? []
  expect(parked).toMatchObject({ subscriber: "gift", attempts: 1, error: "no", envelope })
  expect(await open?.outbox.replay([parked?.id ?? ""])).toBe(1)
  expect(await open?.outbox.parked(10)).toEqual([])
  await open?.close()
  expect(await store.outbox.lease(1, 60_000)).toMatchObject([{ envelope: { id: "e" } }])
  await store.close()
})

test("a module that has never been here has no outbox, and none is made for it", async () => {
  expect(await openOutbox({ url: server.url, module: "nobody" })).toBeUndefined()
  expect(await server.ask("select from pg_namespace where nspname = 'nobody'")).toEqual([])
})

test("who may not act for the module, and a server that is away, are told so", async () => {
  const store = await moduleWithParked("guarded", server.url)
  await store.close()
  await server.ask("create role stranger login password 'stranger'")
  const url = new URL(server.url)
  url.username = "stranger"
  url.password = "stranger"
  await expect(openOutbox({ url: url.href, module: "guarded" })).rejects.toThrow(/permission denied/)
  const away = await openOutbox({ url: "postgres://owner:hush@127.0.0.1:4/none", module: "guarded" }).catch((error: unknown) => error)
  expect(isFault(away, "UNAVAILABLE") && away.message).toContain("PostgreSQL at 127.0.0.1:4 cannot be reached")
})
