import type { Socket } from "node:net"
import { isFault } from "@hanok/contract"
import { sql } from "kysely"
import type { Kysely } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestContext, createTestServer, fillStore } from "../fixture.ts"
import type { TestServer } from "../fixture.ts"
import { postgres } from "../postgres.ts"
import { createProxy } from "../proxy.fixture.ts"
import type { Proxy } from "../proxy.fixture.ts"

let server: TestServer
let proxy: Proxy
let cutAfterCommit = false
/** The server's next error is passed on, and is the last that is heard of it. */
let cutAfterError = false
/** How many lines are yet to be cut, each as something comes on it. */
let cuts = 0

beforeAll(async () => {
  server = await createTestServer()
  proxy = await createProxy(server.url, forward)
})
afterAll(async () => {
  proxy.close()
  await server.close()
})

/**
 * Passes everything on, except, once, the answer to a commit: then the line is cut when the server has carried it out, or has answered
 * with an error. Or cuts as many lines as it is told, those on which something comes next.
 */
function forward(client: Socket, upstream: Socket): void {
  let committing = false
  client.on("data", (data) => {
    if (cuts > 0) {
      cuts--
      client.destroy()
      return
    }
    committing = cutAfterCommit && data.includes("commit\0")
    if (committing) cutAfterCommit = false
    upstream.write(data)
  })
  upstream.on("data", (data) => {
    if (committing) return void client.destroy()
    client.write(data)
    if (!cutAfterError || !data.includes("VERROR\0")) return
    cutAfterError = false
    client.end()
    upstream.destroy()
  })
  client.on("close", () => upstream.destroy())
  upstream.on("close", () => client.destroy())
}

const words = (db: Kysely<object>) => ({
  add: async () => void (await sql`insert into hit default values`.execute(db)),
  count: async () => Number((await sql<{ hits: number }>`select count(*) as hits from hit`.execute(db)).rows[0]?.hits),
})

async function open(module: string) {
  const migrations = await server.migrations({ "0001_hit.sql": "create table hit (id integer generated always as identity)" })
  const store = await fillStore(postgres({ migrations, read: words, write: words }), module, proxy.url)
  await store.ready()
  return store
}

test("a commit whose answer is lost is never said to have failed", async () => {
  const store = await open("unkeyed")
  cutAfterCommit = true
  const error = await store.port.transaction(createTestContext(), (tx) => tx.add()).catch((caught: unknown) => caught)
  expect(isFault(error, "UNAVAILABLE") && error.message).toContain("it may have been kept")
  expect(await store.port.read(createTestContext()).count()).toBe(1)
  await store.close()
})

test("a commit that is answered with an error is not said to have failed when that was the last that the server said", async () => {
  const store = await open("panicking")
  await server.ask(
    `create function panicking.fill() returns trigger language plpgsql as
     $$begin raise exception 'could not write to file' using errcode = '53100'; end$$`,
  )
  await server.ask(
    "create constraint trigger fills after insert on panicking.hit deferrable initially deferred for each row execute function panicking.fill()",
  )
  const failed = () => store.port.transaction(createTestContext(), (tx) => tx.add()).catch((caught: unknown) => caught)
  const known = await failed()
  expect(isFault(known, "UNAVAILABLE") && known.message).toContain("Nothing was kept")
  cutAfterError = true
  const unknown = await failed()
  expect(isFault(unknown, "UNAVAILABLE") && unknown.message).toContain("it may have been kept")
  await store.close()
})

test("a connection that turns out to be dead as a transaction begins is replaced by another", async () => {
  const store = await open("beginning")
  cuts = 1
  await store.port.transaction(createTestContext(), (tx) => tx.add())
  expect([cuts, await store.port.read(createTestContext()).count()]).toEqual([0, 1])
  await store.close()
})

test("a read whose connection turns out to be dead is asked again over another", async () => {
  const store = await open("reading")
  cuts = 1
  expect([await store.port.read(createTestContext()).count(), cuts]).toEqual([0, 0])
  await store.close()
})

test("where all connections turn out to be dead, as of a server that lost its power, transactions and reads find a new one", async () => {
  const store = await open("all-dead")
  const takeAll = async () => {
    let begun = 0
    const { promise: allHaveBegun, resolve } = Promise.withResolvers<void>()
    const takeOne = () =>
      store.port.transaction(createTestContext(), async () => {
        if (++begun === 5) resolve()
        await allHaveBegun
      })
    await Promise.all([1, 2, 3, 4, 5].map(takeOne))
  }
  await takeAll()
  cuts = 5
  await store.port.transaction(createTestContext(), (tx) => tx.add())
  await takeAll()
  expect(cuts).toBe(0)
  cuts = 5
  expect([await store.port.read(createTestContext()).count(), cuts]).toEqual([1, 0])
  await store.close()
})

test("what the journal and the outbox ask over a connection that turns out to be dead is asked again over another", async () => {
  const { journal, outbox, port, close } = await open("asking-again")
  const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
  const envelope = { id: "1", contract: "hit", event: "hit", payload: {}, orderingKey: "one", occurredAt: 0, trace }
  await port.transaction(createTestContext(), (tx) => tx.outbox.append(envelope, ["mail"]))
  const cut = async <T>(work: () => Promise<T>) => {
    cuts = 1
    const result = await work()
    expect(cuts).toBe(0)
    return result
  }
  const output = { kind: "output", output: 1 } as const
  expect(await cut(() => journal.begin("k", "f", 60_000))).toEqual({ state: "begun" })
  await cut(() => journal.finish("k", output))
  expect(await cut(() => journal.begin("k", "f", 60_000))).toEqual({ state: "done", outcome: output })
  const [delivery] = await cut(() => outbox.lease(1, 60_000))
  await cut(() => outbox.delivered([delivery?.id ?? ""]))
  expect(await outbox.lease(1, 60_000)).toEqual([])
  await close()
})

test("under a key, a commit whose answer is lost is looked up and answered, and applied once", async () => {
  const store = await open("keyed")
  cutAfterCommit = true
  const work = () =>
    store.port.transaction(createTestContext({ key: "k" }), async (tx) => {
      await tx.add()
      return tx.count()
    })
  expect(await work()).toBe(1)
  expect(await store.port.read(createTestContext()).count()).toBe(1)
  await store.close()
})
