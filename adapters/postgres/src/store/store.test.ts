import dns from "node:dns"
import { readFile } from "node:fs/promises"
import { Fault, isFault } from "@hanok/contract"
import type { EventEnvelope, Transaction } from "@hanok/contract"
import { sql } from "kysely"
import type { Kysely } from "kysely"
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest"
import { settingsOf } from "../connection/settings.ts"
import { createTestContext, createTestServer, fillStore } from "../fixture.ts"
import type { FilledStore, TestServer } from "../fixture.ts"
import { postgres } from "../postgres.ts"

interface Tables {
  level: { sku: string; left: number }
}

const reads = (db: Kysely<Tables>) => ({
  level: (sku: string) => db.selectFrom("level").selectAll().where("sku", "=", sku).executeTakeFirst(),
  lockMany: async () => void (await sql`select pg_advisory_xact_lock(number) from generate_series(1, 1000000) as number`.execute(db)),
  full: async () => void (await sql`do $$ begin raise disk_full using message = 'could not extend file "base/1/2"'; end $$`.execute(db)),
  slow: async () => void (await db.selectNoFrom((eb) => eb.fn<string>("pg_sleep", [eb.lit(20)]).as("slept")).execute()),
  nap: async (seconds: number) => void (await db.selectNoFrom((eb) => eb.fn<string>("pg_sleep", [eb.lit(seconds)]).as("slept")).execute()),
  begin: () => db.transaction().execute(async () => undefined),
})
const writes = (db: Kysely<Tables>) => ({
  ...reads(db),
  put: async (level: Tables["level"]) =>
    void (await db
      .insertInto("level")
      .values(level)
      .onConflict((on) => on.column("sku").doUpdateSet(level))
      .execute()),
  insert: async (level: Tables["level"]) => void (await db.insertInto("level").values(level).execute()),
  lock: async (sku: string) => void (await db.selectFrom("level").select("sku").where("sku", "=", sku).forUpdate().execute()),
  backend: async () => {
    const { pid } = await db.selectNoFrom((eb) => eb.fn<number>("pg_backend_pid", []).as("pid")).executeTakeFirstOrThrow()
    return pid
  },
})
type Reads = ReturnType<typeof reads>
type Writes = ReturnType<typeof writes>

let server: TestServer
let migrations: URL
let stock: FilledStore<Reads, Writes>
let modules = 0
let module = ""

beforeAll(async () => {
  server = await createTestServer()
  migrations = await server.migrations({ "0001_level.sql": 'create table level (sku text primary key, "left" integer not null)' })
})
afterAll(() => server.close())
beforeEach(async () => {
  module = `stock-${++modules}`
  stock = await open()
})
afterEach(() => stock.close())

function open(poolSize = 5): Promise<FilledStore<Reads, Writes>> {
  return fillStore(postgres({ migrations, read: reads, write: writes, poolSize }), module, server.url)
}

function caught(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

function levelOf(sku: string) {
  return stock.port.read(createTestContext()).level(sku)
}

function envelope(id: string, orderingKey?: string): EventEnvelope {
  const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
  return { id, contract: "stock", event: "taken", payload: { id }, orderingKey, occurredAt: 1, trace }
}

test("what a transaction wrote can be read", async () => {
  const left = await stock.port.transaction(createTestContext(), async (tx) => {
    await tx.put({ sku: "a", left: 3 })
    return (await tx.level("a"))?.left ?? null
  })
  expect(left).toBe(3)
  expect(await levelOf("a")).toEqual({ sku: "a", left: 3 })
})

test("a transaction that fails leaves neither data nor events, and its error comes through", async () => {
  const refused = new Error("no")
  const work = async (tx: Writes & Transaction) => {
    await tx.put({ sku: "a", left: 3 })
    await tx.outbox.append(envelope("e1"), ["order"])
    throw refused
  }
  expect(await caught(stock.port.transaction(createTestContext(), work))).toBe(refused)
  expect(await levelOf("a")).toBeUndefined()
  expect(await stock.outbox.lease(10, 1000)).toEqual([])
})

test("an error that is not the database's comes out of a transaction as it is, whatever it looks like", async () => {
  const work = () => readFile("/there/is/no/such/file", "utf8")
  expect(await caught(stock.port.transaction(createTestContext(), work))).toMatchObject({ code: "ENOENT" })
  const said = new Error("The server of the parcel service is closed.")
  expect(await caught(stock.port.transaction(createTestContext(), () => Promise.reject(said)))).toBe(said)
})

test("an error of a statement that was caught does not become half a transaction", async () => {
  const work = async (tx: Writes) => {
    await tx.insert({ sku: "a", left: 1 })
    await caught(tx.insert({ sku: "a", left: 2 }))
  }
  const error = await caught(stock.port.transaction(createTestContext(), work))
  expect(error instanceof Error && error.message).toContain("Nothing was kept")
  expect(await levelOf("a")).toBeUndefined()
})

test("a violated constraint reaches the module as PostgreSQL reported it", async () => {
  await stock.port.transaction(createTestContext(), (tx) => tx.insert({ sku: "a", left: 1 }))
  const context = createTestContext()
  const error = await caught(stock.port.transaction(context, (tx) => tx.insert({ sku: "a", left: 2 })))
  expect(error).toMatchObject({ code: "23505", constraint: "level_pkey" })
  const failed = context.spans.filter((span) => span.error !== undefined)
  expect(failed.map(({ attributes }) => attributes)).toMatchObject([{ "db.response.status_code": "23505", "error.type": "23505" }])
})

test("a keyed transaction is applied once, and a repetition gets the first one's result", async () => {
  let runs = 0
  const once = () =>
    stock.port.transaction(createTestContext({ key: "k" }), async (tx) => {
      runs++
      await tx.put({ sku: "a", left: runs })
      return { runs }
    })
  expect(await once()).toEqual({ runs: 1 })
  expect(await once()).toEqual({ runs: 1 })
  expect(runs).toBe(1)
})

test("a keyed transaction that returns nothing is not run again either", async () => {
  let runs = 0
  const once = () => stock.port.transaction(createTestContext({ key: "k" }), async () => void runs++)
  expect(await once()).toBeUndefined()
  expect(await once()).toBeUndefined()
  expect(runs).toBe(1)
})

test("after a crash between commit and answer, each step that was kept is skipped and the rest is run", async () => {
  const ran: string[] = []
  const useCase = async (crash: boolean) => {
    const context = createTestContext({ key: "k" })
    const first = await stock.port.transaction(context, async (tx) => {
      ran.push("first")
      await tx.put({ sku: "a", left: 1 })
      return 1
    })
    if (crash) throw new Error("crash")
    return stock.port.transaction(context, async (tx) => {
      ran.push("second")
      await tx.put({ sku: "b", left: first + 1 })
      return first + 1
    })
  }
  await caught(useCase(true))
  expect(await useCase(false)).toBe(2)
  expect(ran).toEqual(["first", "second"])
})

test("of many identical keyed transactions at once one is applied, and all give its result", async () => {
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, number) =>
      stock.port.transaction(createTestContext({ key: "k" }), async (tx) => {
        const left = (await tx.level("a"))?.left ?? 0
        await tx.put({ sku: "a", left: left + 1 })
        return number
      }),
    ),
  )
  expect(new Set(results).size).toBe(1)
  expect(await levelOf("a")).toEqual({ sku: "a", left: 1 })
})

test("a run that was overtaken gives the other's result, even when its own work would refuse", async () => {
  let overtaken = false
  const slow = stock.port.transaction(createTestContext({ key: "k" }), async (tx) => {
    await expect.poll(() => overtaken).toBe(true)
    if (await tx.level("a")) throw new Error("taken already")
    return "slow"
  })
  await stock.port.transaction(createTestContext({ key: "k" }), async (tx) => {
    await tx.put({ sku: "a", left: 0 })
    return "quick"
  })
  overtaken = true
  expect(await slow).toBe("quick")
})

test("a deadlock is resolved by running the victim again", async () => {
  await stock.port.transaction(createTestContext(), async (tx) => {
    await tx.put({ sku: "a", left: 1 })
    await tx.put({ sku: "b", left: 1 })
  })
  const holding = new Set<string>()
  const lockBoth = (first: string, second: string) =>
    stock.port.transaction(createTestContext(), async (tx) => {
      await tx.lock(first)
      holding.add(first)
      await expect.poll(() => holding.size).toBe(2)
      await tx.lock(second)
      return first
    })
  expect(await Promise.all([lockBoth("a", "b"), lockBoth("b", "a")])).toEqual(["a", "b"])
})

test("a statement that takes too long ends at the deadline, and its connection is free again", async () => {
  const single = await open(1)
  try {
    const read = await caught(single.port.read(createTestContext({ timeoutMs: 300 })).slow())
    expect(isFault(read) || read).toBe(true)
    const write = await caught(single.port.transaction(createTestContext({ timeoutMs: 300 }), (tx) => tx.slow()))
    expect(isFault(write) || write).toBe(true)
    expect(await single.port.read(createTestContext()).level("a")).toBeUndefined()
  } finally {
    await single.close()
  }
})

test("work that never ends gives its connection back at the deadline", async () => {
  const single = await open(1)
  try {
    const endless = single.port.transaction(createTestContext({ timeoutMs: 200 }), () => new Promise<never>(() => undefined))
    expect(isFault(await caught(endless))).toBe(true)
    expect(await single.port.read(createTestContext()).level("a")).toBeUndefined()
  } finally {
    await single.close()
  }
})

test("what was rolled back stays so, also when its caller leaves while a statement of it still runs", async () => {
  const single = await open(1)
  const context = createTestContext()
  const refused = single.port.transaction(context, async (tx) => {
    await tx.put({ sku: "a", left: 1 })
    setTimeout(() => context.cancel(), 50)
    await Promise.all([tx.nap(0.7), Promise.reject(new Error("no"))])
  })
  try {
    expect(await caught(refused)).toBeInstanceOf(Error)
    await single.port.transaction(createTestContext(), (tx) => tx.put({ sku: "b", left: 1 }))
    expect(await levelOf("a")).toBeUndefined()
    expect(await levelOf("b")).toEqual({ sku: "b", left: 1 })
  } finally {
    await single.close()
  }
})

test("the limit of a caller who left as it was set does not end the statements of the next one", async () => {
  const single = await open(1)
  await single.ready()
  const hasty = createTestContext({ timeoutMs: 1_000 })
  const startSpan: typeof hasty.startSpan = (name, ...rest) => {
    // In the turn in which the statement is sent.
    if (name === "SET") queueMicrotask(hasty.cancel)
    return hasty.startSpan(name, ...rest)
  }
  try {
    expect(isFault(await caught(single.port.read({ ...hasty, startSpan }).level("a")), "CANCELLED")).toBe(true)
    expect(hasty.spans.map(({ name }) => name)).toContain("SET")
    await single.port.read(createTestContext()).nap(1.5)
  } finally {
    await single.close()
  }
})

test("a statement that begins shortly before the deadline holds its locks no longer than others do", async () => {
  const begunAt = Date.now()
  const holds = Promise.withResolvers<void>()
  const late = stock.port.transaction(createTestContext({ timeoutMs: 4_000 }), async (tx) => {
    await new Promise((resolve) => setTimeout(resolve, 3_800))
    await tx.insert({ sku: "a", left: 1 })
    holds.resolve()
    await tx.slow()
  })
  const ended = caught(late)
  // On a busy machine the time may be over before.
  await Promise.race([holds.promise, ended])
  await stock.port.transaction(createTestContext(), (tx) => tx.insert({ sku: "a", left: 2 }))
  expect(Date.now() - begunAt).toBeLessThan(7_200)
  expect(isFault(await ended)).toBe(true)
})

test("closing does not wait for work that does not end", async () => {
  const single = await open(1)
  let begun = false
  const endless = single.port.transaction(createTestContext({ timeoutMs: 60_000 }), async (tx) => {
    begun = true
    await tx.slow()
  })
  const ended = caught(endless)
  await expect.poll(() => begun).toBe(true)
  await single.close()
  expect(isFault(await ended, "UNAVAILABLE")).toBe(true)
})

test("a statement after its transaction has ended is refused", async () => {
  let late: Writes | undefined
  await stock.port.transaction(createTestContext(), async (tx) => void (late = tx))
  const error = await caught(late?.put({ sku: "a", left: 1 }) ?? Promise.resolve())
  expect(isFault(error, "INTERNAL") && error.message).toContain("after its transaction")
  expect(await levelOf("a")).toBeUndefined()
})

test("an event that comes after its transaction has ended is refused, not lost", async () => {
  let late: Transaction | undefined
  await stock.port.transaction(createTestContext(), async (tx) => void (late = tx))
  const error = await caught(late?.outbox.append(envelope("late"), ["order"]) ?? Promise.resolve())
  expect(isFault(error, "INTERNAL") && error.message).toContain("after its transaction")
})

test("a transaction cannot be begun behind the store's back", async () => {
  const error = await caught(stock.port.read(createTestContext()).begin())
  expect(error instanceof Error && error.message).toContain("store.transaction(context, work)")
})

test("a backend that is killed in the middle of a transaction gives UNAVAILABLE, and the pool recovers", async () => {
  const error = await caught(
    stock.port.transaction(createTestContext(), async (tx) => {
      await tx.put({ sku: "a", left: 1 })
      await server.ask(`select pg_terminate_backend(${await tx.backend()})`)
      await tx.put({ sku: "b", left: 1 })
    }),
  )
  expect(isFault(error, "UNAVAILABLE") || error).toBe(true)
  expect(await levelOf("a")).toBeUndefined()
})

test("a full disk gives UNAVAILABLE, says so, and keeps nothing", async () => {
  const error = await caught(
    stock.port.transaction(createTestContext(), async (tx) => {
      await tx.put({ sku: "a", left: 1 })
      await tx.full()
    }),
  )
  expect(isFault(error, "UNAVAILABLE") && error.message).toContain('no room left: could not extend file "base/1/2". Nothing was kept.')
  expect(await levelOf("a")).toBeUndefined()
})

test("who takes more locks than the server has room for is told so, and not to give its disk more", async () => {
  const error = await caught(stock.port.read(createTestContext({ timeoutMs: 30_000 })).lockMany())
  expect(isFault(error, "UNAVAILABLE") && error.hint).toContain("max_locks_per_transaction")
})

test("connections that died while idle cost nobody an error", async () => {
  await levelOf("a")
  await server.ask(`select pg_terminate_backend(pid) from pg_stat_activity where usename like 'hanok%'`)
  await stock.port.transaction(createTestContext(), (tx) => tx.put({ sku: "a", left: 1 }))
  expect(await levelOf("a")).toEqual({ sku: "a", left: 1 })
})

test("more callers than connections take turns, and the wait is a span", async () => {
  const single = await open(1)
  const contexts = Array.from({ length: 20 }, () => createTestContext())
  try {
    await single.ready()
    await Promise.all(contexts.map((context) => single.port.transaction(context, (tx) => tx.put({ sku: "a", left: 1 }))))
    expect(contexts.filter(({ spans }) => spans.some(({ name }) => name === "pool wait")).length).toBeGreaterThan(10)
  } finally {
    await single.close()
  }
})

test("a store is ready while callers have all of its connections, however long they keep them", async () => {
  const single = await open(1)
  const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  try {
    await single.ready()
    const holding = caught(
      single.port.transaction(createTestContext(), async () => {
        begun.resolve()
        await over.promise
      }),
    )
    await begun.promise
    expect(await caught(single.ready())).toBeUndefined()
    over.resolve()
    expect(await holding).toBeUndefined()
  } finally {
    await single.close()
  }
})

test("callers who have left are not counted among those who wait for a connection", async () => {
  const single = await open(1)
  try {
    await single.ready()
    const holding = single.port.transaction(createTestContext(), (tx) => tx.nap(0.7))
    await new Promise(setImmediate)
    const hasty = createTestContext()
    const left = Array.from({ length: 1_000 }, () => caught(single.port.read(hasty).level("a")))
    hasty.cancel()
    expect((await Promise.all(left)).every((error) => isFault(error, "CANCELLED"))).toBe(true)
    expect(await single.port.read(createTestContext()).level("a")).toBeUndefined()
    await holding
  } finally {
    await single.close()
  }
})

test("who finds a thousand waiting for a connection is told at once, and finds one when they have had theirs", async () => {
  const single = await open(1)
  try {
    await single.ready()
    const hasty = createTestContext()
    const holding = single.port.transaction(createTestContext(), (tx) => tx.nap(0.5))
    await new Promise(setImmediate)
    const waiting = Array.from({ length: 1_000 }, () => caught(single.port.read(hasty).level("a")))
    const error = await caught(single.port.read(createTestContext()).level("a"))
    expect(isFault(error, "OVERLOADED") && error.message).toContain(`connections of the module ${module} are in use, and 1000 already wait`)
    hasty.cancel()
    await Promise.all([...waiting, holding])
    expect(await single.port.read(createTestContext()).level("a")).toBeUndefined()
  } finally {
    await single.close()
  }
})

test("a database without a connection left is OVERLOADED, and says what it allows", async () => {
  const { role } = settingsOf({ module, env: { DATABASE_URL: server.url } }, undefined)
  await stock.ready()
  await server.ask(`alter role "${role}" connection limit 0`)
  const [nap, error] = await Promise.all([0.2, 0].map((seconds) => caught(stock.port.read(createTestContext()).nap(seconds))))
  expect(nap).toBeUndefined()
  expect(isFault(error, "OVERLOADED") && error.message).toContain("no connection left: too many connections for role")
})

test("a store that was ready stays so while its database has no connection left, and one that was not yet is not", async () => {
  const { role } = settingsOf({ module, env: { DATABASE_URL: server.url } }, undefined)
  await stock.ready()
  await server.ask(`alter role "${role}" connection limit 0`)
  const [holding, ready] = await Promise.all([caught(stock.port.read(createTestContext()).nap(1)), caught(stock.ready())])
  expect([holding, ready]).toEqual([undefined, undefined])
  const late = await open()
  expect(isFault(await caught(late.ready()), "OVERLOADED")).toBe(true)
  await late.close()
})

test("statements are spans named by the conventions, and values are not in them", async () => {
  const context = createTestContext({ key: "secret-key" })
  await stock.port.transaction(context, async (tx) => {
    await tx.put({ sku: "secret-sku", left: 1 })
    await tx.outbox.append(envelope("secret-event"), ["order"])
  })
  const statements = context.spans.filter(({ kind }) => kind === "client")
  expect(statements.map(({ name }) => name)).toEqual(["BEGIN", "INSERT level", "COMMIT"])
  expect(statements[1]?.attributes).toMatchObject({
    "db.system.name": "postgresql",
    "db.namespace": `postgres|${module}`,
    "db.operation.name": "INSERT",
    "db.collection.name": "level",
  })
  expect(JSON.stringify(statements)).not.toContain("secret")
})

test("a migration under way changes tables beneath prepared statements, and nobody notices", async () => {
  const single = await open(1)
  const write = (left: number) =>
    single.port.transaction(createTestContext(), async (tx) => {
      await tx.put({ sku: "a", left })
      return (await tx.level("a"))?.left ?? null
    })
  try {
    for (const left of [1, 2, 3]) expect(await write(left)).toBe(left)
    await server.ask(`alter table "${module}".level add column note text`)
    expect(await write(4)).toBe(4)
    for (const _ of [1, 2, 3]) expect(await single.port.read(createTestContext()).level("a")).toMatchObject({ left: 4 })
    await server.ask(`alter table "${module}".level drop column note`)
    expect(await single.port.read(createTestContext()).level("a")).toEqual({ sku: "a", left: 4 })
  } finally {
    await single.close()
  }
})

test("after a migration a transaction is run again once, however many connections have prepared its statements before", async () => {
  const many = await open(12)
  const onAllConnections = async () => {
    let begun = 0
    const one = async (tx: Writes) => {
      begun++
      await expect.poll(() => begun).toBe(12)
      await tx.level("a")
    }
    await Promise.all(Array.from({ length: 12 }, () => many.port.transaction(createTestContext(), one)))
  }
  try {
    await onAllConnections()
    await onAllConnections()
    await server.ask(`alter table "${module}".level add column note text`)
    let tries = 0
    await many.port.transaction(createTestContext(), async (tx) => {
      tries++
      await tx.level("a")
    })
    expect(tries).toBe(2)
  } finally {
    await many.close()
  }
})

test("a server that is away at all addresses of its name gives UNAVAILABLE, and says so of each", async () => {
  const url = new URL(server.url)
  url.hostname = "both.example"
  url.port = "1"
  const addresses = ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }))
  const lookup = vi
    .spyOn(dns, "lookup")
    .mockImplementation(((_name: string, _options: object, answer: (...given: unknown[]) => void) => answer(null, addresses)) as never)
  onTestFinished(() => lookup.mockRestore())
  const away = await fillStore(postgres({ migrations, read: reads, write: writes }), module, url.href)
  const error = await caught(away.ready())
  expect(isFault(error, "UNAVAILABLE") && error.message).toContain("ECONNREFUSED 127.0.0.1:1, connect ECONNREFUSED 127.0.0.2:1")
  await away.close()
})

test("a server that is away gives UNAVAILABLE, and is used again when it is back", async () => {
  await levelOf("a")
  await server.stop()
  const error = await caught(levelOf("a"))
  expect(isFault(error, "UNAVAILABLE") || error).toBe(true)
  expect(isFault(await caught(stock.journal.begin("k", "f", 1000)), "UNAVAILABLE")).toBe(true)
  expect(isFault(await caught(stock.outbox.lease(1, 1000)), "UNAVAILABLE")).toBe(true)
  await expect(stock.ready()).rejects.toThrow(Fault)
  await server.start()
  await stock.ready()
  expect(await levelOf("a")).toBeUndefined()
})

test("a statement with more values than PostgreSQL takes is the module's fault, and not the database's absence", async () => {
  const many = Array.from({ length: 65_536 }, () => sql`${1}::int`)
  const store = await fillStore(
    postgres({
      migrations: await server.migrations({}),
      read: (db: Kysely<object>) => ({
        most: (count: number) => sql`select greatest(${sql.join(many.slice(0, count))}) as most`.execute(db),
      }),
      write: () => ({}),
    }),
    "many-values",
    server.url,
  )
  const most = async (count: number) => (await store.port.read(createTestContext()).most(count)).rows
  expect(await most(65_535)).toEqual([{ most: 1 }])
  await expect(most(65_536)).rejects.toMatchObject({ code: "INTERNAL", message: expect.stringContaining("65536 values") })
  await store.close()
})

test("a read whose caller has weeks is not refused for it", async () => {
  const store = await fillStore(
    postgres({
      migrations: await server.migrations({}),
      read: (db: Kysely<object>) => ({ one: () => sql`select 1 as one`.execute(db) }),
      write: () => ({}),
    }),
    "patient",
    server.url,
  )
  expect((await store.port.read(createTestContext({ timeoutMs: 2 ** 31 - 1 })).one()).rows).toEqual([{ one: 1 }])
  await store.close()
})
