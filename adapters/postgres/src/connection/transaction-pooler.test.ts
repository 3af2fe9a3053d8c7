import { isFault } from "@hanok/contract"
import { sql } from "kysely"
import type { Kysely } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestContext, createTestServer, fillStore, silentLog } from "../fixture.ts"
import type { TestServer } from "../fixture.ts"
import { postgres } from "../postgres.ts"
import type { Proxy } from "../proxy.fixture.ts"
import { createTransactionPooler } from "./transaction-pooler.fixture.ts"

/*
 * A pooler that gives each transaction another connection is none that a module can work over. It is to be told of, and to do no harm.
 */

let server: TestServer
let pooler: Proxy

beforeAll(async () => {
  server = await createTestServer()
  pooler = await createTransactionPooler(server.url)
})
afterAll(async () => {
  pooler.close()
  await server.close()
})

const words = (db: Kysely<object>) => ({
  said: async (word: string) => (await sql<{ said: string }>`select ${sql.lit(word)} as said`.execute(db)).rows[0]?.said,
})

async function open(module: string, url: string, log = silentLog) {
  return fillStore(postgres({ migrations: await server.migrations({}), read: words, write: words, poolSize: 1 }), module, url, log)
}

/** Over the pooler; has found out by now what it is, for which it had a connection of its own for a moment. */
async function openOver(module: string) {
  const warnings = new Array<string>()
  const store = await open(module, pooler.url, { ...silentLog, warn: (message: string) => void warnings.push(message) })
  await store.ready()
  await expect.poll(() => warnings).toEqual([expect.stringMatching(/pooler .*session mode/)])
  return store
}

test("nothing is made or migrated over a pooler that gives each transaction another connection", async () => {
  const store = await open("refused", pooler.url)
  await expect(store.ready()).rejects.toThrow(/pooler .*session mode/)
  expect(await server.ask("select rolname from pg_roles where rolname like 'hanok%refused'")).toEqual([])
  await store.close()
})

test("a pooler that gives each transaction another connection is told of in the log where nothing is left to be made", async () => {
  const direct = await open("told", server.url)
  await direct.ready()
  await direct.close()
  await (await openOver("told")).close()
})

test("a statement that another process has prepared on the same connection is not carried out in place of one's own", async () => {
  const direct = await open("shared", server.url)
  await direct.ready()
  await direct.close()
  const [one, other] = [await openOver("shared"), await openOver("shared")]
  const thrice = async ({ port }: typeof one, word: string) => {
    const said = []
    for (let time = 0; time < 3; time++) said.push(await port.read(createTestContext()).said(word))
    return said
  }
  expect(await thrice(one, "a")).toEqual(["a", "a", "a"])
  expect(await thrice(other, "b")).toEqual(["b", "b", "b"])
  const error = await thrice(other, "a").catch((caught: unknown) => caught)
  expect(isFault(error, "INTERNAL") && error.hint).toContain("session mode")
  await one.close()
  await other.close()
})
