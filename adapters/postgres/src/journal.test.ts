import { randomBytes } from "node:crypto"
import * as fc from "fast-check"
import { Client } from "pg"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest"
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
  store = await fillStore(postgres({ migrations, read: () => ({}), write: () => ({}) }), `journal-${++modules}`, server.url)
})
afterEach(() => store.close())

const minute = 60_000
const output = { kind: "output", output: { a: [1, null, "\u0000"] } } as const

test("a key is begun once, is running until it has ended, and then gives its answer", async () => {
  expect(await store.journal.begin("k", "f", minute)).toEqual({ state: "begun" })
  const running = await store.journal.begin("k", "f", minute)
  expect(running.state === "running" && running.leasedUntil).toBeGreaterThan(Date.now() + minute / 2)
  await store.journal.finish("k", output)
  expect(await store.journal.begin("k", "f", minute)).toEqual({ state: "done", outcome: output })
})

test("a key may be long, and hold a zero byte or half a character", async () => {
  for (const key of [randomBytes(5_000).toString("hex"), "a\u0000b", "a\ud83d"]) {
    let runs = 0
    const step = () => store.port.transaction(createTestContext({ key }), async () => ++runs)
    expect(await store.journal.begin(key, "f", minute)).toEqual({ state: "begun" })
    expect([await step(), await step()]).toEqual([1, 1])
    await store.journal.finish(key, output)
    expect(await store.journal.begin(key, "f", minute)).toEqual({ state: "done", outcome: output })
  }
})

test("of many who begin a key at once, one does", async () => {
  const begun = await Promise.all(Array.from({ length: 20 }, () => store.journal.begin("k", "f", minute)))
  expect(begun.filter(({ state }) => state === "begun")).toHaveLength(1)
  expect(begun.filter(({ state }) => state === "running")).toHaveLength(19)
})

test("a key used for something else is told apart, whatever its state", async () => {
  await store.journal.begin("k", "f", minute)
  expect(await store.journal.begin("k", "g", minute)).toEqual({ state: "reused" })
  await store.journal.finish("k", output)
  expect(await store.journal.begin("k", "g", minute)).toEqual({ state: "reused" })
})

test("a lease that has run out, or was given back, can be taken", async () => {
  await store.journal.begin("k", "f", 0)
  expect(await store.journal.begin("k", "f", minute)).toEqual({ state: "begun" })
  await store.journal.abandon("k")
  expect(await store.journal.begin("k", "f", minute)).toEqual({ state: "begun" })
})

test("the first answer stays, and giving back what has ended does nothing", async () => {
  await store.journal.begin("k", "f", 0)
  await store.journal.finish("k", output)
  await store.journal.finish("k", { kind: "refusal", code: "LATE", details: {} })
  await store.journal.abandon("k")
  expect(await store.journal.begin("k", "f", minute)).toEqual({ state: "done", outcome: output })
})

test("what ended long ago is forgotten with its steps, and what runs is not", async () => {
  for (const key of ["ended", "abandoned", "running"]) await store.journal.begin(key, "f", minute)
  let runs = 0
  const step = (key: string) => store.port.transaction(createTestContext({ key }), async () => ++runs)
  await step("ended")
  await step("running")
  await store.journal.finish("ended", output)
  await store.journal.abandon("abandoned")
  expect(await store.journal.forget(minute)).toBe(0)
  await expect.poll(() => store.journal.forget(0)).toBe(2)
  expect(await store.journal.begin("ended", "other", minute)).toEqual({ state: "begun" })
  expect(await step("ended")).toBe(3)
  expect(await step("running")).toBe(2)
})

test("work that failed half-way is remembered for longer: an event that is replayed days later goes on where its reaction had failed", async () => {
  const schema = `"journal-${modules}"`
  let runs = 0
  const step = () => store.port.transaction(createTestContext({ key: "event 1 for mail" }), async () => ++runs)
  const fail = async () => {
    expect(await store.journal.begin("event 1 for mail", "f", minute)).toEqual({ state: "begun" })
    const kept = await step()
    await store.journal.abandon("event 1 for mail")
    return kept
  }
  const forgetAfter = async (days: number) => {
    await server.ask(`update ${schema}.hanok_journal set leased_until = now() - interval '${days} days'`)
    await server.ask(`update ${schema}.hanok_step set recorded_at = now() - interval '${days} days'`)
    return store.journal.forget(24 * 60 * minute)
  }
  expect(await fail()).toBe(1)
  expect(await forgetAfter(3)).toBe(0)
  expect(await fail()).toBe(1)
  expect(await forgetAfter(31)).toBe(1)
  expect(await fail()).toBe(2)
})

test("a command that was asked for again is remembered for longer: a reaction that is replayed days later calls it once more, and gets its answer", async () => {
  const schema = `"journal-${modules}"`
  const ask = async (key: string, fingerprint = "f") => {
    const begun = await store.journal.begin(key, fingerprint, minute)
    if (begun.state === "begun") await store.journal.finish(key, output)
    return begun.state
  }
  const forgetAfter = async (days: number) => {
    await server.ask(`update ${schema}.hanok_journal
      set ended_at = ended_at - interval '${days} days', leased_until = leased_until - interval '${days} days'`)
    return store.journal.forget(24 * 60 * minute)
  }
  const states = [await ask("again"), await ask("again"), await ask("again"), await ask("once"), await ask("job", ""), await ask("job", "")]
  expect(states).toEqual(["begun", "done", "done", "begun", "begun", "done"])
  expect(await forgetAfter(3)).toBe(2)
  expect(await ask("again")).toBe("done")
  expect(await forgetAfter(29)).toBe(0)
  expect(await ask("again")).toBe("done")
  expect(await forgetAfter(29)).toBe(0)
  expect(await forgetAfter(2)).toBe(1)
  expect(await ask("again")).toBe("begun")
})

/** So many keys of which the work ended an hour ago, each with a step. */
async function addEnded(schema: string, count: number): Promise<void> {
  await server.ask(`insert into ${schema}.hanok_journal (key, fingerprint, leased_until, outcome, ended_at)
    select 'key ' || number, 'f', now(), '{}', now() - interval '1 hour' from generate_series(1, ${count}) as number`)
  await server.ask(`insert into ${schema}.hanok_step (key, step, recorded_at)
    select 'key ' || number, 0, now() - interval '1 hour' from generate_series(1, ${count}) as number`)
}

test("however much ended long ago, all of it is forgotten", async () => {
  const schema = `"journal-${modules}"`
  await store.ready()
  await addEnded(schema, 120_000)
  expect(await store.journal.forget(minute)).toBe(120_000)
  expect(await server.ask(`select from ${schema}.hanok_step limit 1`)).toEqual([])
})

test.each(["hanok_journal", "hanok_step"])(
  "where few rows of %s are all that the database deletes in time, all are forgotten",
  async (table) => {
    const schema = `"journal-${modules}"`
    await store.ready()
    await addEnded(schema, 2_000)
    await server.ask(`create function ${schema}.be_slow() returns trigger language plpgsql as $$ begin
    if (select count(*) > 200 from gone) then raise exception 'it took too long' using errcode = 'query_canceled'; end if;
    return null; end $$`)
    await server.ask(`create trigger be_slow after delete on ${schema}.${table} referencing old table as gone
    for each statement execute function ${schema}.be_slow()`)
    expect(await store.journal.forget(minute)).toBe(2_000)
    expect(await server.ask(`select from ${schema}.hanok_step limit 1`)).toEqual([])
  },
)

test("no statement that forgets reads all of a large journal, or of its steps", async () => {
  const schema = `journal-${modules}`
  const wholeReads = async () => {
    // What a connection has read is told when it has been idle for a moment, at the latest when it is closed.
    await store.close()
    const [row] = await server.ask(`select sum(seq_scan)::integer as reads from pg_stat_user_tables
      where schemaname = '${schema}' and relname in ('hanok_journal', 'hanok_step')`)
    store = await fillStore(postgres({ migrations, read: () => ({}), write: () => ({}) }), schema, server.url)
    return row?.["reads"]
  }
  await store.ready()
  await server.ask(`insert into "${schema}".hanok_journal (key, fingerprint, leased_until, outcome, ended_at)
    select 'key ' || number, 'f', now(), '{}', now() from generate_series(1, 100000) as number`)
  await server.ask(`insert into "${schema}".hanok_step (key, step)
    select 'key ' || number, 0 from generate_series(1, 100000) as number`)
  const before = await wholeReads()
  expect(await store.journal.forget(minute)).toBe(0)
  expect(await wholeReads()).toBe(before)
})

test("what a connection has planned while the journal was small reads no more of it when it has grown at once", async () => {
  await store.close()
  const schema = `journal-${modules}`
  const open = () => fillStore(postgres({ migrations, read: () => ({}), write: () => ({}), poolSize: 1 }), schema, server.url)
  store = await open()
  const work = async (key: string) => {
    await store.journal.begin(key, "f", minute)
    await store.journal.abandon(key)
    await store.journal.begin(key, "f", minute)
    await store.journal.begin(key, "f", minute)
    await store.journal.finish(key, output)
  }
  const insert = `insert into "${schema}".hanok_journal (key, fingerprint, leased_until)
    select 'key ' || number, 'f', now() from generate_series(1, 20000) as number`
  const reads = await wholeReadsWhenGrown(server, { schema, table: "hanok_journal" }, { work, insert, close: () => store.close() })
  store = await open()
  expect(reads).toBeLessThan(20_000)
})

test("what the journal asks of the database is shown in the call that caused it, also when the call's time is over", async () => {
  const context = createTestContext({ key: "k" })
  await store.journal.begin("k", "f", minute, context)
  context.cancel()
  await store.journal.finish("k", output, context)
  expect(context.spans.map(({ name, kind, attributes }) => [name, kind, attributes["db.system.name"]])).toEqual([
    ["INSERT hanok_journal", "client", "postgresql"],
    ["UPDATE hanok_journal", "client", "postgresql"],
  ])
  expect((await store.journal.begin("k", "f", minute)).state).toBe("done")
})

test("whatever comes at the same moment, each key is begun once, told apart by what it is used for, and gets its own answer", async () => {
  let round = 0
  const asked = fc.record({ key: fc.integer({ min: 0, max: 30 }), fingerprint: fc.constantFrom("f", "g") })
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { minLength: 1, maxLength: 90 }), async (all) => {
      const prefix = `round ${++round}`
      const states = await Promise.all(
        all.map(async ({ key, fingerprint }) => {
          const { state } = await store.journal.begin(`${prefix} ${key}`, fingerprint, minute)
          return { key, fingerprint, state }
        }),
      )
      const begun = states.filter(({ state }) => state === "begun")
      expect(begun.map(({ key }) => key).sort()).toEqual([...new Set(all.map(({ key }) => key))].sort())
      for (const { key, fingerprint, state } of states) {
        const first = begun.find((one) => one.key === key)
        if (state !== "begun") expect(state).toBe(fingerprint === first?.fingerprint ? "running" : "reused")
      }
      await Promise.all(begun.map(({ key }) => store.journal.finish(`${prefix} ${key}`, { kind: "output", output: key })))
      for (const { key, fingerprint } of begun)
        expect(await store.journal.begin(`${prefix} ${key}`, fingerprint, minute)).toMatchObject({ outcome: { output: key } })
    }),
    { numRuns: 12 },
  )
})

test("what is asked of the journal at the same moment is asked of the database together", async () => {
  const contexts = Array.from({ length: 20 }, (_, number) => createTestContext({ key: `k${number}` }))
  await Promise.all(contexts.map((context, number) => store.journal.begin(`k${number}`, "f", minute, context)))
  await Promise.all(contexts.map((context, number) => store.journal.finish(`k${number}`, output, context)))
  for (const { spans } of contexts) expect(spans.map(({ attributes }) => attributes["db.operation.batch.size"])).toEqual([20, 20])
})

test("what the database refuses for one key fails that one alone", async () => {
  const schema = `"journal-${modules}"`
  await store.ready()
  await server.ask(`create function ${schema}.refuse() returns trigger language plpgsql as $$ begin raise exception 'not this one'; end $$`)
  await server.ask(`create trigger refuse before insert on ${schema}.hanok_journal for each row
    when (new.key = 'poison') execute function ${schema}.refuse()`)
  const begun = await Promise.allSettled(["a", "poison", "b"].map((key) => store.journal.begin(key, "f", minute)))
  expect(begun).toMatchObject([{ value: { state: "begun" } }, { reason: { message: "not this one" } }, { value: { state: "begun" } }])
})

test("a statement of the journal that hangs holds up no later one", async () => {
  const held = ["h1", "h2"]
  for (const key of held) await store.journal.begin(key, "f", 0)
  const other = new Client({ connectionString: server.url })
  await other.connect()
  await other.query(`begin; select from "journal-${modules}".hanok_journal for update`)
  const waiting = held.map((key) => store.journal.begin(key, "f", minute))
  const hanging = "select count(*)::integer as hanging from pg_stat_activity where wait_event_type = 'Lock'"
  await expect.poll(async () => (await server.ask(hanging))[0]?.["hanging"]).toBe(1)
  expect(await store.journal.begin("free", "f", minute)).toEqual({ state: "begun" })
  await other.end()
  expect(await Promise.all(waiting)).toEqual(held.map(() => ({ state: "begun" })))
})

test("a database that is away fails all who asked together, and none of them twice", async () => {
  await store.ready()
  await server.stop()
  const begun = await Promise.allSettled(["a", "b", "c"].map((key) => store.journal.begin(key, "f", minute)))
  await server.start()
  expect(begun.map((one) => one.status === "rejected" && one.reason.code)).toEqual(["UNAVAILABLE", "UNAVAILABLE", "UNAVAILABLE"])
  await expect.poll(() => store.journal.begin("a", "f", minute)).toEqual({ state: "begun" })
})
