import { randomBytes } from "node:crypto"
import type { Delivery, EventEnvelope, LeaseLimits } from "@hanok/contract"
import * as fc from "fast-check"
import { Client } from "pg"
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest"
import { createTestContext, createTestServer, fillStore, wholeReadsWhenGrown } from "./fixture.ts"
import type { FilledStore, TestServer } from "./fixture.ts"
import { postgres } from "./postgres.ts"

let server: TestServer
let migrations: URL
let store: FilledStore<object, object>
let modules = 0

beforeAll(async () => {
  server = await createTestServer()
  migrations = await server.migrations({})
})
afterAll(() => server.close())
beforeEach(async () => {
  store = await fillStore(postgres({ migrations, read: () => ({}), write: () => ({}) }), `outbox-${++modules}`, server.url)
})
afterEach(() => store.close())

const minute = 60_000

function envelope(id: string, orderingKey?: string): EventEnvelope {
  return {
    id,
    contract: "order",
    event: "paid",
    payload: { id, text: "it's \u0000 '; drop" },
    orderingKey,
    occurredAt: 5,
    trace: new LazyTrace(),
  }
}

/** As a recorder may make it: the ids are worked out when they are asked for. */
class LazyTrace {
  get traceId(): string {
    return "1".repeat(32)
  }
  get spanId(): string {
    return "2".repeat(16)
  }
}

function emit(events: readonly EventEnvelope[], subscribers: readonly string[] = ["gift"]): Promise<void> {
  return store.port.transaction(createTestContext(), async ({ outbox }) => {
    for (const event of events) await outbox.append(event, subscribers)
  })
}

function idsOf(deliveries: readonly Delivery[]): readonly string[] {
  return deliveries.map(({ envelope }) => envelope.id)
}

test("an event comes out as it went in, once for each subscriber", async () => {
  await emit([envelope("e", "o'1\u0000")], ["gift", "delivery"])
  const deliveries = await store.outbox.lease(10, minute)
  expect(deliveries.map(({ subscriber }) => subscriber)).toEqual(["gift", "delivery"])
  const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
  expect(deliveries[0]).toMatchObject({ attempts: 0, envelope: { ...envelope("e", "o'1\u0000"), trace } })
})

test("what is leased is given to no other until the lease ends", async () => {
  await emit([envelope("a")])
  expect(idsOf(await store.outbox.lease(10, 0))).toEqual(["a"])
  expect(idsOf(await store.outbox.lease(10, minute))).toEqual(["a"])
  await emit([envelope("b")])
  expect(idsOf(await store.outbox.lease(10, minute))).toEqual(["b"])
  expect(await store.outbox.lease(10, minute)).toEqual([])
})

test("relays that look at the same moment take different deliveries", async () => {
  await emit(Array.from({ length: 40 }, (_, number) => envelope(String(number))))
  const taken = (await Promise.all(Array.from({ length: 8 }, () => store.outbox.lease(10, minute)))).flat()
  expect(new Set(idsOf(taken)).size).toBe(taken.length)
  const rest = await store.outbox.lease(100, minute)
  expect(taken.length + rest.length).toBe(40)
})

test("within a key the next is due when the one before is delivered, and other keys go on", async () => {
  await emit([envelope("a1", "a"), envelope("a2", "a"), envelope("b1", "b")])
  const first = await store.outbox.lease(10, minute)
  expect(idsOf(first)).toEqual(["a1", "b1"])
  expect(await store.outbox.delivered(first.map(({ id }) => id))).toBe(true)
  const next = await store.outbox.lease(10, minute)
  expect(idsOf(next)).toEqual(["a2"])
  expect(await store.outbox.delivered(next.map(({ id }) => id))).toBe(false)
})

test("one that failed is tried again when it is due, and holds up only its own key and subscriber", async () => {
  await emit([envelope("a1", "a"), envelope("a2", "a")], ["gift", "delivery"])
  const [only, ...others] = await store.outbox.lease(10, 0, { except: ["gift"] })
  expect([only?.subscriber, others]).toEqual(["delivery", []])
  const [gift, delivery] = await store.outbox.lease(10, minute)
  await store.outbox.failed(gift?.id ?? "", "down", minute)
  await store.outbox.delivered([delivery?.id ?? ""])
  const next = await store.outbox.lease(10, 0)
  expect(next.map(({ subscriber, envelope }) => `${subscriber} ${envelope.id}`)).toEqual(["delivery a2"])
  await store.outbox.failed(gift?.id ?? "", "down", 0)
  const again = (await store.outbox.lease(10, minute)).find(({ subscriber }) => subscriber === "gift")
  expect(again).toMatchObject({ attempts: 2, envelope: { id: "a1" } })
})

test("of a reaction that is limited at most so many are leased, and of the others the longest due first", async () => {
  await emit(["a", "b", "c"].map((id) => envelope(id)))
  await emit([{ ...envelope("x"), event: "cancelled" }], ["gift", "delivery"])
  const reactions = [
    { subscriber: "gift", event: "paid", limit: 1 },
    { subscriber: "delivery", event: "cancelled", limit: 0 },
  ]
  const leased = await store.outbox.lease(10, minute, { reactions })
  expect(leased.map(({ subscriber, envelope: { id } }) => `${subscriber} ${id}`)).toEqual(["gift a", "gift x"])
  expect(idsOf(await store.outbox.lease(2, minute))).toEqual(["b", "c"])
})

test("what is kept back costs nothing, however much it is", async () => {
  const schema = `outbox-${modules}`
  const reads = async () => {
    await store.outbox.lease(1, minute, { reactions: [{ subscriber: "gift", event: "paid", limit: 0 }] })
    // What a connection has read is told when it has been idle for a moment, at the latest when it is closed.
    await store.close()
    const [row] = await server.ask(`select seq_tup_read + coalesce(idx_tup_fetch, 0) as reads from pg_stat_user_tables
      where schemaname = '${schema}' and relname = 'hanok_outbox'`)
    store = await fillStore(postgres({ migrations, read: () => ({}), write: () => ({}) }), schema, server.url)
    return Number(row?.["reads"])
  }
  await emit([envelope("mine")])
  await server.ask(`insert into "${schema}".hanok_outbox (subscriber, event, envelope, blocked)
    select 'gift', 'paid', '{}', false from generate_series(1, 20000)`)
  const before = await reads()
  expect((await reads()) - before).toBeLessThan(100)
})

test("what a connection has planned while the outbox was small reads no more of it when it has grown at once", async () => {
  await store.close()
  const schema = `outbox-${modules}`
  const open = () => fillStore(postgres({ migrations, read: () => ({}), write: () => ({}), poolSize: 1 }), schema, server.url)
  store = await open()
  const work = async (name: string) => {
    await emit(["a", "b", "c", "d", "e"].map((each) => envelope(name + each, name + each)))
    const [retried, postponed, parked, ...rest] = (await store.outbox.lease(5, minute)).map(({ id }) => id)
    await store.outbox.failed(String(retried), "no", 60 * minute)
    await store.outbox.postponed(String(postponed), 60 * minute)
    await store.outbox.failed(String(parked), "no", undefined)
    await store.outbox.delivered(rest)
    await store.outbox.replay([String(parked)])
    await store.outbox.delivered([retried, postponed, parked].map(String))
  }
  const insert = `insert into "${schema}".hanok_outbox (subscriber, event, ordering_key, envelope, blocked, due_at)
    select 'gift', 'later', 'key ' || number, '{}', false, now() + interval '1 hour' from generate_series(1, 20000) as number`
  const reads = await wholeReadsWhenGrown(server, { schema, table: "hanok_outbox" }, { work, insert, close: () => store.close() })
  store = await open()
  expect(reads).toBeLessThan(20_000)
})

test("no plan of a look at the outbox is compiled by the server, which would take it longer than the look", async () => {
  const schema = `"outbox-${modules}"`
  await server.ask("alter database postgres set jit = on")
  onTestFinished(async () => void (await server.ask("alter database postgres reset jit")))
  await emit([envelope("a")])
  await server.ask(`create table ${schema}.seen (jit text); grant insert on ${schema}.seen to public;
    create function ${schema}.see() returns trigger language plpgsql as $$
      begin insert into seen values (current_setting('jit')); return new; end $$;
    create trigger see before update on ${schema}.hanok_outbox for each row execute function ${schema}.see()`)
  expect(idsOf(await store.outbox.lease(10, minute))).toEqual(["a"])
  expect(await server.ask(`select jit from ${schema}.seen`)).toEqual([{ jit: "off" }])
})

test("an event of a replica that runs the code of before is brought too", async () => {
  await emit([envelope("new")])
  const text = JSON.stringify(envelope("old")).replaceAll("'", "''")
  await server.ask(`set search_path = "outbox-${modules}"; select hanok_outbox_append('{gift}', '{null}', array['${text}'])`)
  expect(idsOf(await store.outbox.lease(10, minute)).toSorted()).toEqual(["new", "old"])
})

test("a poison event is parked, lets the next ones pass, and can be looked at and replayed", async () => {
  await emit([envelope("a1", "a"), envelope("a2", "a")])
  const [poison] = await store.outbox.lease(1, minute)
  await store.outbox.failed(poison?.id ?? "", "it broke", undefined)
  expect(idsOf(await store.outbox.lease(10, minute))).toEqual(["a2"])
  const [parked] = await store.outbox.parked(10)
  expect(parked).toMatchObject({ id: poison?.id, error: "it broke", attempts: 1, envelope: { id: "a1" } })
  let told = 0
  const stop = store.outbox.onAppended(() => told++)
  expect(await store.outbox.replay([parked?.id ?? ""])).toBe(1)
  expect(await store.outbox.replay([parked?.id ?? "", "nonsense"])).toBe(0)
  expect(told).toBe(1)
  stop()
  expect(await store.outbox.lease(10, minute)).toMatchObject([{ attempts: 0, envelope: { id: "a1" } }])
})

test("whatever its error says, an event that is given up is parked", async () => {
  await emit([envelope("a1", "a"), envelope("a2", "a")])
  const [poison] = await store.outbox.lease(1, minute)
  await store.outbox.failed(poison?.id ?? "", "Unexpected token '\u0000'", undefined)
  expect(await store.outbox.parked(10)).toMatchObject([{ error: "Unexpected token '\u2400'" }])
  expect(idsOf(await store.outbox.lease(10, minute))).toEqual(["a2"])
})

test("one that is postponed is tried again when it is due, and that was no try", async () => {
  await emit([envelope("a1", "a")])
  const [first] = await store.outbox.lease(1, minute)
  await store.outbox.postponed(first?.id ?? "", minute)
  expect(await store.outbox.lease(1, minute)).toEqual([])
  await store.outbox.postponed(first?.id ?? "", 0)
  expect(await store.outbox.lease(1, minute)).toMatchObject([{ attempts: 0, envelope: { id: "a1" } }])
})

test("what was abandoned is leased one at a time, beside what was not, where its reaction may be brought any, and each such try counts", async () => {
  const { outbox } = store
  const lease = async (leaseMs: number, limits?: LeaseLimits) =>
    (await outbox.lease(10, leaseMs, limits)).map(({ envelope: { id }, attempts, abandoned }) => [id, attempts, abandoned])
  await emit(["a", "b", "c"].map((id) => envelope(id)))
  const [a, b, c] = (await outbox.lease(10, 0)).map(({ id }) => id)
  await emit([envelope("d")])
  expect(await lease(minute, { withoutAbandoned: true })).toEqual([["d", 0, false]])
  expect(await lease(minute, { except: ["gift"] })).toEqual([])
  expect(await lease(minute, { reactions: [{ subscriber: "gift", event: "paid", limit: 0 }] })).toEqual([])
  await emit([envelope("e")])
  expect(await lease(0, { reactions: [{ subscriber: "gift", event: "paid", limit: 1 }] })).toEqual([["a", 0, true]])
  await outbox.begunAgain(a ?? "", minute)
  expect(await lease(minute)).toEqual([
    ["b", 0, true],
    ["e", 0, false],
  ])
  await outbox.failed(a ?? "", "it broke", 0)
  await outbox.postponed(b ?? "", 0)
  expect(await lease(minute, { withoutAbandoned: true })).toEqual([
    ["a", 2, false],
    ["b", 0, false],
  ])
  await outbox.failed(c ?? "", "it broke", undefined)
  await outbox.replay("all")
  expect(await lease(minute)).toEqual([["c", 0, false]])
})

test("a transaction that emits events of very many keys takes no lock for each: a server has room for some thousand", async () => {
  await store.ready()
  const locks = "select count(*)::integer as locks from pg_locks where locktype = 'advisory'"
  await server.ask(`begin; ${appended(2_000)}; create table seen as ${locks}; commit`)
  expect(await server.ask(`select * from "outbox-${modules}".seen`)).toEqual([{ locks: 0 }])
})

test.each(["first", "last"])("events of a key keep the order of their commits where one that emits very many comes %s", async (place) => {
  await store.ready()
  const other = new Client({ connectionString: server.url })
  await other.connect()
  await other.query(`begin; ${appended(place === "first" ? 2_000 : 7)}`)
  const waiting = place === "first" ? emit([envelope("later", "key 7")]) : server.ask(appended(2_000))
  const isWaiting = "select count(*)::integer as waiting from pg_stat_activity where wait_event_type = 'Lock'"
  await expect.poll(async () => (await server.ask(isWaiting))[0]?.["waiting"]).toBe(1)
  await other.query("commit")
  await other.end()
  await waiting
  const ofKey = `select blocked from "outbox-${modules}".hanok_outbox where ordering_key = 'key 7' order by id`
  expect(await server.ask(ofKey)).toEqual([{ blocked: false }, { blocked: true }])
})

/** Events of so many keys, written as at a commit. */
function appended(count: number): string {
  return `set search_path = "outbox-${modules}"; select hanok_outbox_append(array_agg('gift'::text), array_agg('key ' || number),
    array_agg('paid'::text), array_agg('{}'::text))
    from generate_series(1, ${count}) as number`
}

test("a key may be long, and keeps its events in order", async () => {
  const [long, other] = [randomBytes(5_000).toString("hex"), randomBytes(5_000).toString("hex")]
  await emit([envelope("a1", long), envelope("a2", long), envelope("b1", other)])
  const first = await store.outbox.lease(10, minute)
  expect(first.map(({ envelope: { id, orderingKey } }) => [id, orderingKey])).toEqual([
    ["a1", long],
    ["b1", other],
  ])
})

test("one that is replayed goes before what came after it", async () => {
  await emit([envelope("a1", "a"), envelope("a2", "a"), envelope("a3", "a")])
  const [first] = await store.outbox.lease(1, minute)
  await store.outbox.failed(first?.id ?? "", "it broke", undefined)
  const [second] = await store.outbox.lease(10, minute)
  await store.outbox.replay([first?.id ?? ""])
  await store.outbox.failed(second?.id ?? "", "down", 0)
  const again = await store.outbox.lease(10, minute)
  expect(idsOf(again)).toEqual(["a1"])
  await store.outbox.delivered(again.map(({ id }) => id))
  expect(idsOf(await store.outbox.lease(10, minute))).toEqual(["a2"])
})

test("listeners are told of a commit with events, and of no other", async () => {
  let told = 0
  store.outbox.onAppended(() => told++)
  await emit([])
  await emit([envelope("a")], [])
  await store.port.transaction(createTestContext(), async () => undefined)
  expect(told).toBe(0)
  await emit([envelope("b"), envelope("c")])
  expect(told).toBe(1)
})

test("whatever commits at the same time, every event is delivered, and the transactions of a key do not mix", async () => {
  const key = fc.constantFrom("a", "b", "c")
  const transactions = fc.array(fc.array(key, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(transactions, async (plan) => {
      const committed: string[][] = []
      await Promise.all(
        plan.map(async (keys, number) => {
          await emit(keys.map((each, index) => envelope(`${each} ${number}.${index}`, each)))
          committed.push(keys.map((each, index) => `${each} ${number}.${index}`))
        }),
      )
      const delivered: string[] = []
      for (let taken = await drainOnce(); taken.length > 0; taken = await drainOnce()) delivered.push(...taken)
      expect([...delivered].sort()).toEqual(committed.flat().sort())
      // Within one transaction the order is that of emitting; transactions of a key do not mix.
      for (const each of ["a", "b", "c"]) expect(runsOf(delivered, each)).toEqual([...new Set(runsOf(delivered, each))])
    }),
    { numRuns: 15 },
  )
})

test("events that are appended while their key is being delivered are never left behind", async () => {
  const emitting = Promise.all(Array.from({ length: 3 }, (_, lane) => emitInTurn(lane, 40)))
  const delivered: string[] = []
  while (delivered.length < 120) delivered.push(...(await drainOnce()))
  await emitting
  for (const lane of [0, 1, 2]) {
    const ofLane = delivered.filter((id) => id.startsWith(`${lane}.`)).map((id) => Number(id.split(".")[1]))
    expect(ofLane).toEqual(Array.from({ length: 40 }, (_, number) => number))
  }
})

async function emitInTurn(lane: number, count: number): Promise<void> {
  for (let number = 0; number < count; number++) await emit([envelope(`${lane}.${number}`, "one key")])
}

async function drainOnce(): Promise<readonly string[]> {
  const both = (await Promise.all([store.outbox.lease(3, minute), store.outbox.lease(3, minute)])).flat()
  expect(new Set(both.map(({ envelope }) => envelope.orderingKey)).size).toBe(both.length)
  await store.outbox.delivered(both.map(({ id }) => id))
  return idsOf(both)
}

/** The transactions whose events of a key came out, in turn; one that appears twice was mixed with another. */
function runsOf(delivered: readonly string[], key: string): readonly string[] {
  const ofKey = delivered.filter((id) => id.startsWith(`${key} `)).map((id) => id.split(/[ .]/).slice(1).map(Number))
  return ofKey.filter(([number], index) => number !== ofKey[index - 1]?.[0]).map(([number]) => String(number))
}
