import { isFault } from "@hanok/contract"
import { afterAll, beforeAll, expect, test } from "vitest"
import { settingsOf } from "./connection/settings.ts"
import { createTestContext, createTestServer, fillStore } from "./fixture.ts"
import type { TestServer } from "./fixture.ts"
import { openOutbox } from "./open-outbox.ts"
import { postgres } from "./postgres.ts"

/** That of the stores of the fixture. */
const secret = "test"
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
  const open = await openOutbox({ url: url.href, module: "order 'of' \"mine\"", secret })
  const [parked] = (await open?.outbox.parked(10)) ?? []
  expect(parked).toMatchObject({ subscriber: "gift", attempts: 1, error: "no", envelope })
  expect(await open?.outbox.replay([parked?.id ?? ""])).toBe(1)
  expect(await open?.outbox.parked(10)).toEqual([])
  await open?.close()
  expect(await store.outbox.lease(1, 60_000)).toMatchObject([{ envelope: { id: "e" } }])
  await store.close()
})

test("what is in a module's schema does nothing in the owner's name while somebody looks after its events", async () => {
  const store = await moduleWithParked("rising", server.url)
  await store.close()
  const { role } = settingsOf({ module: "rising", env: { DATABASE_URL: server.url, HANOK_SECRET: secret } }, undefined)
  await server.ask(`set role "${role}"; set search_path = rising;
    create function rise() returns trigger language plpgsql as $$ begin
      reset role;
      begin execute 'alter role "${role}" superuser'; exception when insufficient_privilege then null; end;
      return new;
    end $$;
    create trigger rising before update on hanok_outbox for each row execute function rise()`)
  const open = await openOutbox({ url: server.url, module: "rising", secret })
  expect(await open?.outbox.replay(["1"])).toBe(1)
  await open?.close()
  expect(await server.ask(`select rolsuper from pg_roles where rolname = '${role}'`)).toEqual([{ rolsuper: false }])
})

test("who has another secret than the module's services is told so", async () => {
  const store = await moduleWithParked("secretive", server.url)
  await store.close()
  const refused = await openOutbox({ url: server.url, module: "secretive", secret: "another" }).catch((error: unknown) => error)
  expect(isFault(refused) && [refused.message, refused.hint]).toEqual([
    expect.stringMatching(/ does not let the role hanok_postgres_secretive in: password authentication failed/),
    expect.stringContaining("HANOK_SECRET"),
  ])
})

test("a module that has never been here has no outbox, and none is made for it", async () => {
  expect(await openOutbox({ url: server.url, module: "nobody", secret })).toBeUndefined()
  expect(await server.ask("select from pg_namespace where nspname = 'nobody'")).toEqual([])
})

test("who may not act for the module, and a server that is away, are told so", async () => {
  const store = await moduleWithParked("guarded", server.url)
  await store.close()
  await server.ask("create role stranger login password 'stranger'")
  const url = new URL(server.url)
  url.username = "stranger"
  url.password = "stranger"
  await expect(openOutbox({ url: url.href, module: "guarded", secret })).rejects.toThrow(/permission denied/)
  const away = await openOutbox({ url: "postgres://owner:hush@127.0.0.1:4/none", module: "guarded", secret }).catch(
    (error: unknown) => error,
  )
  expect(isFault(away, "UNAVAILABLE") && away.message).toContain("PostgreSQL at 127.0.0.1:4 cannot be reached")
})
