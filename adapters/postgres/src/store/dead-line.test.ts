import type { Socket } from "node:net"
import { setImmediate as turn } from "node:timers/promises"
import { isFault } from "@hanok/contract"
import { sql } from "kysely"
import type { Kysely } from "kysely"
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest"
import { createTestContext, createTestServer, fillStore, silentLog } from "../fixture.ts"
import type { TestServer } from "../fixture.ts"
import { postgres } from "../postgres.ts"
import { createProxy } from "../proxy.fixture.ts"
import type { Proxy } from "../proxy.fixture.ts"

/*
 * A line that is dead at one end only, as when a firewall forgets it or the machine behind it is gone: nothing comes any more,
 * neither an answer nor the connection's end.
 */

let server: TestServer
let proxy: Proxy
const clients = new Set<Socket>()
const dead = new Set<Socket>()

beforeAll(async () => {
  server = await createTestServer()
  proxy = await createProxy(server.url, (client, upstream) => {
    clients.add(client)
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on("data", (data) => dead.has(client) || other.write(data))
      one.on("close", () => dead.has(client) || other.destroy())
    }
  })
})
afterEach(() => void vi.useRealTimers())
afterAll(async () => {
  proxy.close()
  await server.close()
})

function killLines(): void {
  for (const client of clients) dead.add(client)
}

const words = (db: Kysely<object>) => ({
  nap: async () => void (await sql`select pg_sleep(60)`.execute(db)),
  one: async () => (await sql<{ one: number }>`select 1 as one`.execute(db)).rows[0]?.one,
})

const caught = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error)

async function open(module: string) {
  const store = await fillStore(
    postgres({ migrations: await server.migrations({}), read: words, write: words, poolSize: 1 }),
    module,
    proxy.url,
  )
  await store.ready()
  return store
}

test("what is asked of the database on nobody's behalf fails when its line is dead, and is asked over another one then", async () => {
  const store = await open("asking")
  killLines()
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  let ended: unknown
  void store.outbox.lease(1, 1_000).then(
    () => (ended = "leased"),
    (error: unknown) => (ended = error),
  )
  for (let second = 0; second < 20; second++) {
    await turn()
    await vi.advanceTimersByTimeAsync(1_000)
  }
  vi.useRealTimers()
  expect(isFault(ended, "UNAVAILABLE") && ended.message).toContain("did not answer within")
  expect(await store.outbox.lease(1, 1_000)).toEqual([])
  await store.close()
})

test("a transaction that fails while a statement of it waits at a dead line ends with its caller, and keeps no connection", async () => {
  const store = await open("failing")
  const failing = store.port.transaction(createTestContext({ timeoutMs: 500 }), async (tx) => {
    killLines()
    await Promise.all([tx.one(), Promise.reject(new Error("no"))])
  })
  await expect(failing).rejects.toThrow("no")
  expect(await store.port.read(createTestContext()).one()).toBe(1)
  await store.close()
})

test("a server that falls silent is away for those who wait behind the calls that it does not answer, and otherwise it is busy", async () => {
  let [isCut, isSilent] = [false, false]
  const cut = await createProxy(server.url, (client, upstream) => {
    client.on("data", (data) => isSilent || upstream.write(data))
    upstream.on("data", (data) => isSilent || client.write(data))
  })
  const migrations = await server.migrations({})
  const warnings = new Array<string>()
  const log = { ...silentLog, warn: (message: string) => void warnings.push(message) }
  const store = await fillStore(postgres({ migrations, read: words, write: words, poolSize: 1 }), "cut", cut.url, log)
  await store.ready()
  const behindOther = async () => {
    expect(await store.port.read(createTestContext()).one()).toBe(1)
    isSilent = isCut
    const other = new AbortController()
    const holding = caught(store.port.read({ ...createTestContext({ timeoutMs: 60_000 }), signal: other.signal }).nap())
    const errors = await Promise.all([1, 2].map(() => store.port.read(createTestContext({ timeoutMs: 30_000 })).one()).map(caught))
    other.abort()
    await holding
    return errors
  }
  for (const error of await behindOther()) expect(isFault(error, "OVERLOADED") ? error.message : error).toContain("none became free")
  expect(warnings).toEqual([])
  isCut = true
  for (const error of await behindOther()) expect(isFault(error, "UNAVAILABLE") ? error.message : error).toContain("cannot be reached")
  expect(warnings).toEqual(["the database answers nobody"])
  cut.close()
  await store.close()
})

test("a server that lets nobody in is away, also for those who wait behind others for a connection", async () => {
  const silentOne = await createProxy(server.url, (client, upstream) => {
    if (!isSilent) client.pipe(upstream).pipe(client)
  })
  let isSilent = false
  const migrations = await server.migrations({})
  const store = await fillStore(postgres({ migrations, read: words, write: words, poolSize: 1 }), "waiting", silentOne.url)
  await store.ready()
  isSilent = true
  await server.ask("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'hanok waiting'")
  const reads = Array.from({ length: 3 }, () => store.port.read(createTestContext({ timeoutMs: 30_000 })).one())
  const codes = (await Promise.allSettled(reads)).map((read) => read.status === "rejected" && isFault(read.reason) && read.reason.code)
  expect(codes).toEqual(["UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE"])
  silentOne.close()
  await store.close()
})
