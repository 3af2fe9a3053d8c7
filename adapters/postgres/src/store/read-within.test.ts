import type { Kysely } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestContext, createTestServer, fillStore } from "../fixture.ts"
import type { FilledStore, TestServer } from "../fixture.ts"
import { postgres } from "../postgres.ts"

interface Tables {
  level: { sku: string; left: number }
}

const reads = (db: Kysely<Tables>) => ({
  level: async (sku: string) => (await db.selectFrom("level").select("left").where("sku", "=", sku).executeTakeFirst())?.left ?? null,
})
const writes = (db: Kysely<Tables>) => ({
  put: async (level: Tables["level"]) => void (await db.insertInto("level").values(level).execute()),
})

let server: TestServer
let stock: FilledStore<ReturnType<typeof reads>, ReturnType<typeof writes>>

beforeAll(async () => {
  server = await createTestServer()
  const migrations = await server.migrations({ "0001_level.sql": 'create table level (sku text primary key, "left" integer not null)' })
  stock = await fillStore(postgres({ migrations, read: reads, write: writes, poolSize: 2 }), "stock", server.url)
  await stock.ready()
})
afterAll(async () => {
  await stock.close()
  await server.close()
})

test("what is read within a transaction by the words for reading is read in it, and waits for no connection that others like it have", async () => {
  const bothHaveBegun = Promise.withResolvers<void>()
  let begun = 0
  const putAndRead = (sku: string) => {
    const context = createTestContext()
    return stock.port.transaction(context, async (tx) => {
      await tx.put({ sku, left: 3 })
      if (++begun === 2) bothHaveBegun.resolve()
      await bothHaveBegun.promise
      return stock.port.read(context).level(sku)
    })
  }
  expect(await Promise.all(["a", "b"].map(putAndRead))).toEqual([3, 3])
})

test("what is read beside a transaction of the same call, or by what it has left behind, is not read in it", async () => {
  const context = createTestContext()
  const [wrote, mayEnd, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let leftBehind: Promise<unknown> | undefined
  const transaction = stock.port.transaction(context, async (tx) => {
    await tx.put({ sku: "c", left: 3 })
    wrote.resolve()
    await mayEnd.promise
    leftBehind = ended.promise.then(() => stock.port.read(context).level("c"))
  })
  await wrote.promise
  expect(await stock.port.read(context).level("c")).toBeNull()
  mayEnd.resolve()
  await transaction
  ended.resolve()
  expect(await leftBehind).toBe(3)
})
