import type { EventEnvelope } from "@hanok/contract"
import { Client } from "pg"
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest"
import { createTestContext, createTestServer, fillStore } from "./fixture.ts"
import type { FilledStore, TestServer } from "./fixture.ts"
import { createOutbox } from "./outbox.ts"
import { postgres } from "./postgres.ts"

let server: TestServer
let store: FilledStore<object, object>
let schema = ""
let modules = 0

beforeAll(async () => {
  server = await createTestServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  schema = `parked-${++modules}`
  const migrations = await server.migrations({})
  store = await fillStore(postgres({ migrations, read: () => ({}), write: () => ({}) }), schema, server.url)
  await store.ready()
  onTestFinished(async () => void (await store.close()))
})

const minute = 60_000

function envelope(id: string, orderingKey?: string): EventEnvelope {
  const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
  return { id, contract: "order", event: "paid", payload: {}, orderingKey, occurredAt: 5, trace }
}

function emit(...events: readonly EventEnvelope[]): Promise<void> {
  return store.port.transaction(createTestContext(), async ({ outbox }) => {
    for (const event of events) await outbox.append(event, ["gift"])
  })
}

/** So many that were given up, whose ordering key is what the expression says of their `number`. */
async function park(count: number, key: string): Promise<void> {
  await server.ask(`insert into "${schema}".hanok_outbox (subscriber, ordering_key, event, envelope, blocked, attempts, parked_at, error)
    select 'gift', ${key}, 'paid', json_build_object('id', 'parked ' || number, 'orderingKey', ${key}), false, 8, clock_timestamp(), 'no'
    from generate_series(1, ${count}) as number`)
}

async function leased(): Promise<readonly string[]> {
  return (await store.outbox.lease(10_000, minute)).map(({ envelope: { id } }) => id)
}

/** The same outbox, and how many statements it has sent. */
async function counted() {
  const client = new Client({ connectionString: server.url, options: `-c search_path=${schema}` })
  await client.connect()
  let statements = 0
  const outbox = createOutbox(async (text, values) => {
    statements += 1
    return (await client.query<Record<string, unknown>>(text, [...values])).rows
  })
  return { outbox, statements: () => statements, end: () => client.end() }
}

test.each([
  ["of no key", "null::text", 5_000],
  ["of a key each", "'key ' || number", 5_000],
  ["of one key", "'key'", 1],
])("many that were given up are replayed in a few statements, also those %s", async (_, key, dueAtOnce) => {
  await park(5_000, key)
  const { outbox, statements, end } = await counted()
  expect(await outbox.replay("all")).toBe(5_000)
  expect(statements()).toBeLessThan(20)
  await end()
  // A connection tells what it has read when it is closed.
  const reads = `select seq_tup_read + coalesce(idx_tup_fetch, 0) as reads from pg_stat_user_tables where schemaname = '${schema}'
    and relname = 'hanok_outbox'`
  expect(Number((await server.ask(reads))[0]?.["reads"])).toBeLessThan(200_000)
  const due = await leased()
  expect([due.length, due[0], await store.outbox.parked(1)]).toEqual([dueAtOnce, "parked 1", []])
})

test("those of a key are replayed in their order, before what came after them", async () => {
  await emit(envelope("a1", "a"), envelope("a2", "a"), envelope("a3", "a"), envelope("a4", "a"))
  for (const _ of [1, 2]) {
    const [first] = await store.outbox.lease(1, minute)
    await store.outbox.failed(first?.id ?? "", "it broke", undefined)
  }
  expect(await store.outbox.replay("all")).toBe(2)
  const came: string[] = []
  for (;;) {
    const deliveries = await store.outbox.lease(10, minute)
    if (deliveries.length === 0) break
    came.push(deliveries.map(({ envelope: { id } }) => id).join())
    await store.outbox.delivered(deliveries.map(({ id }) => id))
  }
  expect(came).toEqual(["a1", "a2", "a3", "a4"])
})

test("many that were given up are discarded in a few statements, and nothing else is", async () => {
  await emit(envelope("waits", "key"))
  await park(5_000, "'key'")
  const { outbox, statements, end } = await counted()
  const [first] = await outbox.parked(1)
  const [waiting] = await store.outbox.lease(1, 0)
  expect(await outbox.discard([first?.id ?? "", waiting?.id ?? "", "nonsense"])).toBe(1)
  expect(await outbox.discard("all")).toBe(4_999)
  expect(await outbox.discard("all")).toBe(0)
  expect(statements()).toBeLessThan(20)
  await end()
  expect([await leased(), await store.outbox.parked(1)]).toEqual([["waits"], []])
})

test("what was given up by a clock that has been set back since is replayed too", async () => {
  await park(1, "'key'")
  await server.ask(`update "${schema}".hanok_outbox set parked_at = parked_at + interval '1 hour'`)
  expect(await store.outbox.replay("all")).toBe(1)
  expect(await leased()).toEqual(["parked 1"])
})

test("two who replay at once, while events of the same keys come and go, lose none and bring none twice", async () => {
  await park(3_000, "'key ' || number % 3")
  const emitting = Promise.all(Array.from({ length: 30 }, (_, number) => emit(envelope(`later ${number}`, `key ${number % 3}`))))
  const replayed = await Promise.all([store.outbox.replay("all"), store.outbox.replay("all")])
  await emitting
  expect(replayed[0] + replayed[1]).toBe(3_000)
  const heads = await server.ask(`select ordering_key as key, min(id) as first, array_agg(id) filter (where not blocked) as free
    from "${schema}".hanok_outbox group by ordering_key order by ordering_key`)
  expect(heads.map(({ free }) => free)).toEqual(heads.map(({ first }) => [first]))
  expect((await leased()).toSorted()).toEqual(["parked 1", "parked 2", "parked 3"])
})
