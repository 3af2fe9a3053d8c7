import { expect, onTestFinished, test } from "vitest"
import { createTestServer, fillStore } from "../fixture.ts"
import { postgres } from "../postgres.ts"
import { createProxy } from "../proxy.fixture.ts"

test("a migration whose process is gone is ended, and does not keep the next start waiting until it is through for nobody", async () => {
  const server = await createTestServer()
  onTestFinished(() => server.close())
  const proxy = await createProxy(server.url, (client, upstream) => void client.pipe(upstream).pipe(client))
  const start = async (text: string, url: string) => {
    const migrations = await server.migrations({ "0001_gift.sql": text })
    const store = await fillStore(postgres({ migrations, read: () => ({}), write: () => ({}) }), "gone", url)
    onTestFinished(() => store.close())
    return store.ready()
  }
  const lost = start("create table gift (id text); select pg_sleep(3600)", proxy.url).catch((error: unknown) => error)
  const migrating = async () => (await server.ask("select from pg_stat_activity where wait_event = 'PgSleep'")).length
  await expect.poll(migrating).toBe(1)
  proxy.close()
  expect(await lost).toMatchObject({ code: "UNAVAILABLE" })
  await expect.poll(migrating).toBe(0)
  await start("create table gift (id text)", server.url)
})
