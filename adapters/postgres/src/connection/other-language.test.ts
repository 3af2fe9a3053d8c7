import { sql } from "kysely"
import type { Kysely } from "kysely"
import { expect, onTestFinished, test } from "vitest"
import { createTestContext, createTestServer, fillStore } from "../fixture.ts"
import { postgres } from "../postgres.ts"
import { createProxy } from "../proxy.fixture.ts"

/** What the server says in English, and in another language. */
const [english, korean] = ["cached plan must not change result type", "캐시된 계획이 변경됨"]

test("a migration under way changes tables beneath prepared statements of a server that speaks another language, and nobody notices", async () => {
  const server = await createTestServer()
  onTestFinished(() => server.close())
  let translated = 0
  const proxy = await createProxy(server.url, (client, upstream) => {
    client.pipe(upstream)
    upstream.on("data", (data) => {
      const at = data.indexOf(english)
      if (at >= 0) {
        translated++
        // As long as before, since a message says how long it is.
        data.fill(" ", at, at + english.length).write(korean, at)
      }
      client.write(data)
    })
  })
  onTestFinished(() => proxy.close())
  const migrations = await server.migrations({ "0001_level.sql": "create table level (sku text)" })
  const words = (db: Kysely<object>) => ({ levels: async () => (await sql`select * from level`.execute(db)).rows })
  const store = await fillStore(postgres({ migrations, read: words, write: words, poolSize: 1 }), "translated", proxy.url)
  onTestFinished(() => store.close())
  await store.ready()
  const read = () => store.port.read(createTestContext()).levels()
  const inTransaction = () => store.port.transaction(createTestContext(), async (tx) => void (await tx.levels()))
  for (const ask of [read, read, read]) await ask()
  await server.ask("alter table translated.level add column note text")
  await read()
  for (const ask of [inTransaction, inTransaction, inTransaction]) await ask()
  await server.ask("alter table translated.level drop column note")
  await inTransaction()
  expect(translated).toBe(2)
})
