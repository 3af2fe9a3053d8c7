import type { Socket } from "node:net"
import type { EventEnvelope } from "@hanok/contract"
import { sql } from "kysely"
import type { Kysely } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestContext, createTestServer, fillStore } from "../fixture.ts"
import type { FilledStore, TestServer } from "../fixture.ts"
import { postgres } from "../postgres.ts"
import { createProxy } from "../proxy.fixture.ts"
import type { Proxy } from "../proxy.fixture.ts"

/*
 * Keyed work, from its beginning in the journal until its event is acknowledged, is disturbed once at each of the statements that it
 * sends, connecting included, and repeated until it succeeds.
 */

type Disturb = (client: Socket, upstream: Socket, data: Buffer) => void

const ways: Readonly<Record<string, Disturb>> = {
  "is cut before the server has it": (client) => client.destroy(),
  "is cut while the server carries it out": (client, upstream, data) => upstream.write(data, () => client.destroy()),
  "is cut when the server has carried it out": (client, upstream, data) => {
    upstream.removeAllListeners("data").once("data", () => client.destroy())
    upstream.write(data)
  },
  "is refused as a conflict with others": (_, upstream) => upstream.write(query("do $$ begin raise sqlstate '40001'; end $$")),
}

let server: TestServer
let proxy: Proxy
let store: FilledStore<ReturnType<typeof words>, ReturnType<typeof words>>
let disturb: Disturb | undefined
/** How many are sent before the one that is disturbed. */
let undisturbed = Number.POSITIVE_INFINITY

beforeAll(async () => {
  server = await createTestServer()
  proxy = await createProxy(server.url, forward)
  const migrations = await server.migrations({ "0001_hit.sql": "create table hit (key text)" })
  store = await fillStore(postgres({ migrations, read: words, write: words, poolSize: 1 }), "disturbed", proxy.url)
  await store.ready()
})
afterAll(async () => {
  await store.close()
  proxy.close()
  await server.close()
})

function forward(client: Socket, upstream: Socket): void {
  // What a statement consists of comes in one piece.
  client.on("data", (data) => (undisturbed-- === 0 && disturb ? disturb(client, upstream, data) : upstream.write(data)))
  upstream.on("data", (data) => client.write(data))
  client.on("close", () => upstream.end())
  upstream.on("close", () => client.destroy())
}

// https://www.postgresql.org/docs/current/protocol-message-formats.html
function query(text: string): Buffer {
  const head = Buffer.from("Q\0\0\0\0")
  head.writeInt32BE(Buffer.byteLength(text) + 5, 1)
  return Buffer.concat([head, Buffer.from(`${text}\0`)])
}

const words = (db: Kysely<object>) => ({
  add: async (key: string) => void (await sql`insert into hit values (${key})`.execute(db)),
  count: async (key: string) =>
    Number((await sql<{ hits: number }>`select count(*) as hits from hit where key = ${key}`.execute(db)).rows[0]?.hits),
})

function eventOf(key: string): EventEnvelope {
  const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
  return { id: key, contract: "hit", event: "added", payload: {}, orderingKey: "one", occurredAt: 0, trace }
}

/** As the runtime does it; its leases are over at once, since whoever repeats it is not another one. */
async function carryOut(key: string): Promise<unknown> {
  const begun = await store.journal.begin(key, "print", 0)
  if (begun.state === "done") return begun.outcome
  const output = await store.port.transaction(createTestContext({ key }), async (tx) => {
    await tx.add(key)
    await tx.outbox.append(eventOf(key), ["mail"])
    return tx.count(key)
  })
  const outcome = { kind: "output", output } as const
  await store.journal.finish(key, outcome)
  return outcome
}

const arrived = new Set<string>()

async function deliver(key: string): Promise<void> {
  let leased = await store.outbox.lease(10, 0)
  // A statement before it that is still carried out may have it.
  while (leased.length === 0 && !arrived.has(key)) leased = await store.outbox.lease(10, 0)
  for (const { envelope } of leased) arrived.add(envelope.id)
  await store.outbox.delivered(leased.map(({ id }) => id))
}

async function untilItSucceeds<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      if (tries === 3) throw error
    }
  }
}

test.each(Object.keys(ways))(
  "keyed work any one of whose statements %s is applied once, has one answer, and its event leaves",
  async (way) => {
    disturb = ways[way]
    arrived.clear()
    const answer = { kind: "output", output: 1 }
    let number = 0
    for (let isReached = true; isReached; number++) {
      const key = `${way}: ${number}`
      undisturbed = number
      expect(await untilItSucceeds(() => carryOut(key)), key).toEqual(answer)
      await untilItSucceeds(() => deliver(key))
      isReached = undisturbed < 0
      undisturbed = Number.POSITIVE_INFINITY
      expect(await store.journal.begin(key, "print", 0), key).toEqual({ state: "done", outcome: answer })
      expect([await store.port.read(createTestContext()).count(key), await store.outbox.lease(10, 0)], key).toEqual([1, []])
    }
    expect(arrived.size).toBe(number)
    // Begin, transaction with two statements, finish, lease, delivered.
    expect(number).toBeGreaterThan(8)
  },
)
