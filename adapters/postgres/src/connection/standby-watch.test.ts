import { isFault } from "@hanok/contract"
import type { Kysely } from "kysely"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { createTestContext, createTestServer, fillStore, silentLog } from "../fixture.ts"
import type { TestServer } from "../fixture.ts"
import { postgres } from "../postgres.ts"

let server: TestServer

beforeAll(async () => {
  server = await createTestServer({ replicates: true })
})
afterAll(() => server.close())

interface Tables {
  gift: { id: string }
}
const words = (db: Kysely<Tables>) => ({
  ids: async () => (await db.selectFrom("gift").select("id").orderBy("id").execute()).map(({ id }) => id),
  add: async (id: string) => void (await db.insertInto("gift").values({ id }).execute()),
})

async function waitFor(standby: string): Promise<void> {
  await server.ask(`alter system set synchronous_standby_names = '${standby}'`)
  await server.ask("select pg_reload_conf()")
  await expect.poll(async () => (await server.ask("show synchronous_standby_names"))[0]?.["synchronous_standby_names"]).toBe(standby)
}

async function countWaiting(): Promise<unknown> {
  return (await server.ask("select count(*)::integer as waiting from pg_stat_activity where wait_event = 'SyncRep'"))[0]?.["waiting"]
}

test("what a relay and a journal note of work that failed waits for no standby", async () => {
  const adapter = postgres({ migrations: await server.migrations({}), read: () => ({}), write: () => ({}) })
  const store = await fillStore(adapter, "noting", server.url)
  onTestFinished(() => store.close())
  await store.ready()
  const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
  const envelope = { id: "e", contract: "noting", event: "noted", payload: {}, orderingKey: "k", occurredAt: 5, trace }
  await store.port.transaction(createTestContext(), ({ outbox }) => outbox.append(envelope, ["gift"]))
  const [delivery] = await store.outbox.lease(1, 60_000)
  const id = delivery?.id ?? ""
  await store.journal.begin("key", "", 60_000)
  await waitFor("gone")
  await store.outbox.postponed(id, 0)
  await store.outbox.failed(id, "no", 0)
  await store.outbox.failed(id, "no", undefined)
  await store.journal.abandon("key")
  expect(await store.outbox.parked(1)).toMatchObject([{ id, attempts: 2 }])
  expect(await store.journal.begin("key", "", 60_000)).toEqual({ state: "begun" })
  await waitFor("")
})

test("commits that wait for a standby which is gone take some connections of the server's and no more, and reads go on", async () => {
  const told: string[] = []
  const tell = (message: string) => void told.push(message)
  const migrations = await server.migrations({ "0001_gift.sql": "create table gift (id text primary key)" })
  const adapter = postgres({ migrations, read: words, write: words, poolSize: 2 })
  const store = await fillStore(adapter, "gift", server.url, { ...silentLog, info: tell, warn: tell })
  onTestFinished(() => store.close())
  await store.ready()
  told.length = 0
  const add = (id: string) =>
    store.port.transaction(createTestContext({ timeoutMs: 500 }), (tx) => tx.add(id)).catch((error: Error) => error)
  const ids = () => store.port.read(createTestContext()).ids()
  await waitFor("gone")
  for (const one of await Promise.all([add("a"), add("b")])) expect(isFault(one, "CANCELLED")).toBe(true)
  const refused = { code: "UNAVAILABLE", message: expect.stringContaining("waits for a standby, and 2 commits of the module gift with it") }
  await expect
    .poll(() => store.port.transaction(createTestContext(), async () => undefined).catch((error: Error) => error))
    .toMatchObject(refused)
  for (const id of ["c", "d", "e"]) expect(await add(id)).toMatchObject(refused)
  expect([await ids(), await countWaiting(), told]).toEqual([
    [],
    2,
    ["commits wait for a standby of the database; see pg_stat_replication"],
  ])
  await waitFor("")
  await expect.poll(() => add("c")).toBeUndefined()
  expect(await ids()).toEqual(["a", "b", "c"])
  expect(told).toEqual([expect.anything(), "commits wait for no standby any more"])
})
