import { setTimeout as sleep } from "node:timers/promises"
import { isFault } from "@hanok/contract"
import { sql } from "kysely"
import type { Kysely } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { settingsOf } from "../connection/settings.ts"
import { createTestContext, createTestServer, fillStore } from "../fixture.ts"
import type { FilledStore, TestServer } from "../fixture.ts"
import { postgres } from "../postgres.ts"

/* Limits of time that whoever runs the server has set for a database, a role or everybody. */

const words = (db: Kysely<object>) => ({
  nap: async (seconds: number) => void (await sql`select pg_sleep(${seconds})`.execute(db)),
  lock: async () => void (await sql`select from level for update`.execute(db)),
  lockNow: async () => void (await sql`select from level for update nowait`.execute(db)),
  level: async () => (await sql<{ left: number }>`select "left" from level`.execute(db)).rows[0]?.left,
  take: async () => void (await sql`update level set "left" = "left" - 1`.execute(db)),
})
type Words = ReturnType<typeof words>

let server: TestServer
let modules = 0

beforeAll(async () => {
  server = await createTestServer()
})
afterAll(() => server.close())

/** A store whose role is limited so, as one of the database's or in its URL would be. */
async function open(setting: string): Promise<FilledStore<Words, Words>> {
  const module = `limited-${++modules}`
  const migrations = await server.migrations({
    "0001_level.sql": 'create table level ("left" integer not null); insert into level values (1)',
  })
  const adapter = postgres({ migrations, read: words, write: words })
  const store = await fillStore(adapter, module, server.url)
  await store.ready()
  await store.close()
  const { role } = settingsOf({ module, env: { DATABASE_URL: server.url } }, undefined)
  await server.ask(`alter role "${role}" set ${setting}`)
  return fillStore(adapter, module, server.url)
}

function caught(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

const inTransaction = ({ port }: FilledStore<Words, Words>, work: (tx: Words) => Promise<void>, key = {}) =>
  caught(port.transaction(createTestContext(key), work))

test("a statement that waits for a lock longer than the server lets it is OVERLOADED, and keeps nothing", async () => {
  const store = await open("lock_timeout = '100ms'")
  const errors = new Array<unknown>()
  await store.port.transaction(createTestContext(), async (tx) => {
    await tx.lock()
    errors.push(await inTransaction(store, (other) => other.take()), await caught(store.port.read(createTestContext()).lock()))
  })
  for (const error of errors) expect(isFault(error, "OVERLOADED") && error.message).toContain("lock timeout. Nothing was kept.")
  expect(await store.port.read(createTestContext()).level()).toBe(1)
  await store.close()
})

test("who asks not to wait for a lock gets what PostgreSQL says, for the module to handle", async () => {
  const store = await open("lock_timeout = '100ms'")
  await store.port.transaction(createTestContext(), async (tx) => {
    await tx.lock()
    expect(await caught(store.port.read(createTestContext()).lockNow())).toMatchObject({ name: "error", code: "55P03" })
  })
  await store.close()
})

test("what takes longer than the server lets a transaction take is DEADLINE_EXCEEDED, whatever it was at, and keeps nothing", async () => {
  const store = await open("transaction_timeout = '500ms'")
  const { read } = store.port
  const errors = {
    "a read": await caught(read(createTestContext()).nap(2)),
    "a statement": await inTransaction(store, (tx) => tx.nap(2)),
    "between two statements": await inTransaction(store, async (tx) => {
      await sleep(900)
      await tx.take()
    }),
    "before its commit": await inTransaction(store, (tx) => tx.take().then(() => sleep(900)), { key: "k" }),
  }
  for (const [when, error] of Object.entries(errors))
    expect(isFault(error, "DEADLINE_EXCEEDED") ? error.message : error, when).toContain("due to transaction timeout")
  expect(await read(createTestContext()).level()).toBe(1)
  await store.close()
})
