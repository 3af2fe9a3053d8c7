import { readFileSync } from "node:fs"
import { Client } from "pg"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { createTestContext, createTestServer, fillStore } from "../fixture.ts"
import type { TestServer } from "../fixture.ts"
import { openOutbox } from "../open-outbox.ts"
import { postgres } from "../postgres.ts"

/* Whoever vanishes without a word, or is forgotten by what stands between, is missed by the system at the other end only. */

let server: TestServer

beforeAll(async () => {
  server = await createTestServer()
})
afterAll(() => server.close())

const open = async (module: string, text: string) =>
  fillStore(
    postgres({ migrations: await server.migrations({ "0001_wait.sql": text }), read: () => ({}), write: () => ({}) }),
    module,
    server.url,
  )

type End = "ours" | "the server's"

/** In how many seconds at most the system asks whether the other end is still there, for each connection of that name. */
async function askedWithinS(applicationName: string, end: End): Promise<readonly number[]> {
  const rows = await server.ask(`select client_port as port from pg_stat_activity where application_name = '${applicationName}'`)
  const portOf = (address = "") => Number.parseInt(address.split(":")[1] ?? "", 16)
  // Of proc(5): local and remote address, state, queues, and which timer runs (02 is that of keepalive) until when, in hundredths of a second.
  const sockets = readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
  return rows.map(({ port }) => {
    const timer = sockets.find(([, local, remote]) => portOf(end === "ours" ? local : remote) === port)?.[5]
    return timer?.startsWith("02:") ? Number.parseInt(timer.slice(3), 16) / 100 : Number.POSITIVE_INFINITY
  })
}

const isSoon = (waits: readonly number[]) => waits.length > 0 && Math.max(...waits) <= 30

test("a server that vanishes without a word in the middle of a migration, of a call or of a look at an outbox is missed soon", async () => {
  const holder = new Client({ connectionString: server.url })
  onTestFinished(() => holder.end())
  await holder.connect()
  await holder.query("select pg_advisory_lock(42)")
  const store = await open("missing", "select pg_advisory_xact_lock(42)")
  onTestFinished(() => store.close())
  const ready = store.ready()
  await expect.poll(async () => isSoon(await askedWithinS("hanok missing (provisioning)", "ours"))).toBe(true)
  await holder.query("select pg_advisory_unlock(42)")
  await ready
  await store.port.transaction(createTestContext(), async () => {
    expect(await askedWithinS("hanok missing", "ours")).toSatisfy(isSoon)
  })
  const outbox = await openOutbox({ url: server.url, module: "missing", secret: "test" })
  expect(await askedWithinS("hanok missing (events)", "ours")).toSatisfy(isSoon)
  await outbox?.close()
})

test("a machine that vanishes without a word is missed by the server soon, and keeps no connections from others", async () => {
  const store = await open("leaving", "select 1")
  await store.ready()
  expect(await askedWithinS("hanok leaving", "the server's")).toSatisfy(isSoon)
  await store.close()
})
