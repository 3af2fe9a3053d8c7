import type { Socket } from "node:net"
import { isFault } from "@hanok/contract"
import { sql } from "kysely"
import type { Kysely } from "kysely"
import { Client, escapeIdentifier } from "pg"
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest"
import { settingsOf } from "../connection/settings.ts"
import { askAs, createTestContext, createTestServer, fillStore, silentLog } from "../fixture.ts"
import type { FilledStore, TestServer } from "../fixture.ts"
import { postgres } from "../postgres.ts"
import { createProxy } from "../proxy.fixture.ts"

interface Tables {
  gift: { id: string }
}
const words = (db: Kysely<Tables>) => ({
  ids: async () => (await db.selectFrom("gift").select("id").orderBy("id").execute()).map(({ id }) => id),
  add: async (id: string) => void (await db.insertInto("gift").values({ id }).execute()),
})
type Words = ReturnType<typeof words>

let server: TestServer
let modules = 0
let module = ""
const open: FilledStore<Words, Words>[] = []

beforeAll(async () => {
  server = await createTestServer()
})
afterAll(() => server.close())
beforeEach(() => {
  module = `gift-${++modules}`
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()))
})

const first = { "0001_gift.sql": "create table gift (id text primary key)" }

async function store(files: Readonly<Record<string, string>> = first, name = module, url = server.url): Promise<FilledStore<Words, Words>> {
  const filled = await fillStore(postgres({ migrations: await server.migrations(files), read: words, write: words }), name, url)
  open.push(filled)
  return filled
}

function messageOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "it did not fail",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
}

function settingsFor(name: string) {
  return settingsOf({ module: name, env: { DATABASE_URL: server.url, HANOK_SECRET: "test" } }, undefined)
}

test("another module's table, or the public schema, is a permission error", async () => {
  const other = `${module}-other`
  await Promise.all([(await store()).ready(), (await store(first, other)).ready()])
  await server.ask("create table if not exists public.shared (id integer)")
  const { moduleUrl, schema } = settingsFor(module)
  expect(await askAs(moduleUrl, `select id from "${schema}".gift`)).toEqual([])
  expect(await messageOf(askAs(moduleUrl, `select id from "${other}".gift`))).toBe(`permission denied for schema ${other}`)
  expect(await messageOf(askAs(moduleUrl, "select id from public.shared"))).toBe("permission denied for table shared")
  expect(await messageOf(askAs(moduleUrl, "create table public.mine (id integer)"))).toBe("permission denied for schema public")
  expect(await messageOf(askAs(moduleUrl, "create schema mine"))).toBe("permission denied for database postgres")
  expect(await messageOf(askAs(moduleUrl, `set role "${settingsFor(other).role}"`))).toContain("permission denied to set role")
})

test("replicas that start at the same moment apply each migration once", async () => {
  const files = { ...first, "0002_seed.sql": "insert into gift (id) values ('seed')" }
  const replicas = await Promise.all(Array.from({ length: 8 }, () => store(files)))
  await Promise.all(replicas.map((replica) => replica.ready()))
  expect(await replicas[0]?.port.read(createTestContext()).ids()).toEqual(["seed"])
})

test("modules that start at the same moment do not trip over each other", async () => {
  const stores = await Promise.all(Array.from({ length: 10 }, (_, number) => store(first, `${module}-${number}`)))
  await Promise.all(stores.map((each) => each.ready()))
})

test("work that comes before the database is ready waits for it", async () => {
  const filled = await store()
  await filled.port.transaction(createTestContext(), (tx) => tx.add("a"))
  expect(await filled.port.read(createTestContext()).ids()).toEqual(["a"])
})

test("a newer version adds its migrations, and the older one goes on beside it", async () => {
  const older = await store()
  await older.ready()
  const newer = await store({ ...first, "0002_note.sql": "alter table gift add column note text" })
  await newer.ready()
  await (await store()).ready()
  await older.port.transaction(createTestContext(), (tx) => tx.add("a"))
  expect(await newer.port.read(createTestContext()).ids()).toEqual(["a"])
})

test("a migration that was changed after it had been applied is refused by name", async () => {
  await (await store()).ready()
  const changed = await store({ "0001_gift.sql": "create table gift (id text primary key, note text)" })
  expect(await messageOf(changed.ready())).toContain("changed after they had been applied: 0001_gift")
})

test("a migration that was renamed after it had been applied is not applied again, and both of its names are told", async () => {
  const seeded = { ...first, "0002_seed.sql": "insert into gift values ('a')" }
  const mark = "update gift set id = id || '+'"
  const before = await store({ ...seeded, "0003_mark.sql": mark })
  await before.ready()
  const renamed = await store({ ...seeded, "0004_mark.sql": mark })
  expect(await messageOf(renamed.ready())).toContain("renamed after they had been applied: 0004_mark, applied as 0003_mark.")
  expect(await before.port.read(createTestContext()).ids()).toEqual(["a+"])
})

test.each([
  ["is empty", ""],
  ["has nothing but comments", "-- What others note; see /* \n/* the\n plan */\n"],
])("a migration that %s yet is not applied, and is when it has been written", async (_what, begun) => {
  await (await store({ ...first, "0002_seed.sql": begun })).ready()
  const written = await store({ ...first, "0002_seed.sql": `${begun}insert into gift values ('a')` })
  await written.ready()
  expect(await written.port.read(createTestContext()).ids()).toEqual(["a"])
})

test("two migrations may do the same", async () => {
  const again = { ...first, "0002_analyze.sql": "analyze gift", "0003_analyze.sql": "analyze gift" }
  await (await store({ ...first, "0002_analyze.sql": "analyze gift" })).ready()
  await (await store(again)).ready()
  await (await store({ ...again, "0004_analyze.sql": "analyze gift" })).ready()
})

test("line ends do not make another migration", async () => {
  await (await store({ "0001_gift.sql": "create table gift (\n id text primary key)\n" })).ready()
  await (await store({ "0001_gift.sql": "create table gift (\r\n id text primary key)\r\n" })).ready()
})

test("a mark of the encoding that an editor puts before a migration does not count", async () => {
  await (await store({ "0001_gift.sql": `\ufeff${first["0001_gift.sql"]}` })).ready()
  await (await store()).ready()
})

test("a migration that comes before an applied one is refused", async () => {
  await (await store({ "0002_gift.sql": first["0001_gift.sql"] })).ready()
  const late = await store({ "0001_late.sql": "select 1", "0002_gift.sql": first["0001_gift.sql"] })
  expect(await messageOf(late.ready())).toContain("0001_late. Give them higher numbers")
})

test("a migration that fails leaves nothing of itself, names its line, and can be mended", async () => {
  const broken = await store({ ...first, "0002_seed.sql": "insert into gift (id) values ('a');\ninsert into gift (idd) values ('b')" })
  expect(await messageOf(broken.ready())).toContain("The migration 0002_seed failed at line 2 and was rolled back")
  const mended = await store({ ...first, "0002_seed.sql": "insert into gift (id) values ('c')" })
  await mended.ready()
  expect(await mended.port.read(createTestContext()).ids()).toEqual(["c"])
})

test("a migration that commits by itself goes on as the module's role, in its schema", async () => {
  const text = `begin; ${first["0001_gift.sql"]}; commit; create table note (id text)`
  await (await store({ "0001_gift.sql": text, "0002_seed.sql": "insert into note values ('a')" })).ready()
  const { schema, role } = settingsFor(module)
  const rows = await server.ask(`select schemaname, tableowner from pg_tables where tablename = 'note'`)
  expect(rows).toEqual([{ schemaname: schema, tableowner: role }])
})

test("what a module has put into its schema, or into one that is open to all, gets no right of the owner while the next version starts", async () => {
  const settings = settingsFor(module)
  await (await store()).ready()
  await server.ask("grant create on schema public to public")
  onTestFinished(
    async () => void (await server.ask("revoke create on schema public from public; drop function public.hashtextextended(text, integer)")),
  )
  const rise = `execute 'alter role "${settings.role}" superuser'`
  await askAs(
    settings.moduleUrl,
    `create function public.hashtextextended(text, integer) returns bigint language plpgsql as $$ begin ${rise}; return 1; end $$;
     create function rise() returns trigger language plpgsql as $$ begin
       perform set_config('role', 'none', false);
       begin ${rise}; exception when insufficient_privilege then null; end;
       return new;
     end $$;
     create trigger rise before insert on hanok_migration for each row execute function rise()`,
  )
  await (await store({ ...first, "0002_more.sql": "create table more (id text)" })).ready()
  expect(await server.ask(`select rolsuper from pg_roles where rolname = '${settings.role}'`)).toEqual([{ rolsuper: false }])
  expect(await askAs(settings.moduleUrl, "select from more")).toEqual([])
})

test("files whose names leave the order open are refused", async () => {
  expect(await messageOf((await store({ "1_gift.sql": "" })).ready())).toContain("these are not: 1_gift.sql")
  expect(await messageOf((await store({ "0001_a.sql": "", "0001_b.sql": "" })).ready())).toContain("0001_b.sql")
})

test("a schema that belongs to somebody else is not taken over", async () => {
  await server.ask(`create schema "${module}"`)
  expect(await messageOf((await store()).ready())).toContain(`The schema ${module} of the database postgres belongs to postgres`)
})

test("a database may have a long name, in any script, and quotes and signs in it", async () => {
  for (const name of ["데이터베이스이름이아주길고도길다오", '"quoted"', "shop&test@a+b=c:d,e;f$g/h%i"]) {
    await server.ask(`create database ${escapeIdentifier(name)}`)
    const url = new URL(server.url)
    url.pathname = `/${encodeURIComponent(name)}`
    const filled = await store(first, "gift-of-a-module", url.href)
    await filled.ready()
    await filled.port.transaction(createTestContext(), (tx) => tx.add("a"))
  }
})

test("an event is not left behind in a database whose default isolation is another", async () => {
  await server.ask("alter database postgres set default_transaction_isolation = 'repeatable read'")
  const { port, outbox } = await store()
  const emit = (id: string, before: () => Promise<unknown>) =>
    port.transaction(createTestContext(), async (tx) => {
      await tx.ids()
      await before()
      const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
      await tx.outbox.append({ id, contract: "gift", event: "given", payload: {}, orderingKey: "k", occurredAt: 0, trace }, ["order"])
    })
  await emit("first", async () => undefined)
  const [delivery] = await outbox.lease(1, 60_000)
  await emit("second", () => outbox.delivered([delivery?.id ?? ""]))
  expect(await outbox.lease(1, 60_000)).toMatchObject([{ envelope: { id: "second" } }])
  await server.ask("alter database postgres reset default_transaction_isolation")
})

test("a changed secret is followed: the role gets the new password", async () => {
  await (await store()).ready()
  await server.ask(`alter role "${settingsFor(module).role}" password 'other'`)
  await (await store()).ready()
})

test("a server that writes its statements down does not learn the role's password by it", async () => {
  await server.ask("alter system set log_statement = 'all'")
  await server.ask("select pg_reload_conf()")
  await expect.poll(() => server.ask("show log_statement")).toEqual([{ log_statement: "all" }])
  await (await store()).ready()
  await server.ask("alter system reset log_statement")
  await server.ask("select pg_reload_conf()")
  const [row] = await server.ask("select pg_read_file(current_setting('data_directory') || '/../../postgres.log') as log")
  const { role, password } = settingsFor(module)
  expect(row?.["log"]).toContain(`alter role "${role}" password`)
  expect(row?.["log"]).not.toContain(password)
})

test("a password that another has changed is looked after by a process that runs when it meets it", async () => {
  const filled = await store()
  await filled.ready()
  const { role } = settingsFor(module)
  await server.ask(`alter role "${role}" password 'other'`)
  await server.ask(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`)
  const ids = () => filled.port.read(createTestContext()).ids()
  await expect(ids()).rejects.toThrow("password authentication failed")
  expect(await ids()).toEqual([])
})

/** As after a failover, for that role: its connections are cut, and new ones lead to a server that takes no changes. */
async function takeNoChanges(role: string): Promise<void> {
  await server.ask(`alter role "${role}" set default_transaction_read_only = on`)
  await server.ask(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`)
}

test("connections that lead to a server which takes no changes, as after a failover, are given up for others", async () => {
  const filled = await store()
  await filled.ready()
  const { role } = settingsFor(module)
  await takeNoChanges(role)
  const add = (id: string) => filled.port.transaction(createTestContext(), (tx) => tx.add(id))
  await expect(add("a")).rejects.toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("takes no changes") })
  await expect(filled.outbox.lease(1, 1_000)).rejects.toMatchObject({ code: "UNAVAILABLE" })
  await server.ask(`alter role "${role}" reset default_transaction_read_only`)
  await add("b")
  expect(await filled.outbox.lease(1, 1_000)).toEqual([])
  expect(await filled.port.read(createTestContext()).ids()).toEqual(["b"])
})

test("a process that starts at a server which takes no changes waits for one that does, and one that was ready goes on reading", async () => {
  const before = await store()
  await before.ready()
  const { role } = settingsFor(module)
  await takeNoChanges(role)
  const started = await store()
  await expect(started.ready()).rejects.toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("takes no changes") })
  await before.ready()
  expect(await before.port.read(createTestContext()).ids()).toEqual([])
  await server.ask(`alter role "${role}" reset default_transaction_read_only`)
  await started.ready()
  await started.port.transaction(createTestContext(), (tx) => tx.add("a"))
  expect(await started.port.read(createTestContext()).ids()).toEqual(["a"])
})

test("an owner who is no superuser is enough when it may create roles and schemas", async () => {
  await server.ask("create role builder login createrole password 'builder'; grant create on database postgres to builder")
  const url = new URL(server.url)
  url.username = "builder"
  url.password = "builder"
  const filled = await store(first, module, url.href)
  await filled.ready()
  await filled.port.transaction(createTestContext(), (tx) => tx.add("a"))
  const powerless = new URL(server.url)
  await server.ask("create role powerless login password 'powerless'")
  powerless.username = "powerless"
  powerless.password = "powerless"
  expect(await messageOf((await store(first, `${module}-x`, powerless.href)).ready())).toContain("have CREATEROLE")
})

test("an owner who is no superuser goes on where a start was killed right after it had made the role", async () => {
  await server.ask("create role starter login createrole password 'starter'; grant create on database postgres to starter")
  const url = new URL(server.url)
  url.username = "starter"
  url.password = "starter"
  await askAs(url.href, `create role "${settingsFor(module).role}" login noinherit`)
  await (await store(first, module, url.href)).ready()
})

test("a URL that names its user among its parameters does not let a module in as the owner", async () => {
  const url = new URL(server.url)
  url.search = new URLSearchParams({ user: url.username, password: url.password }).toString()
  url.username = ""
  url.password = ""
  const filled = await store(first, module, url.href)
  await filled.ready()
  await filled.port.transaction(createTestContext(), (tx) => tx.add("a"))
  const rows = await server.ask(`select pg_get_userbyid(usesysid) as name from pg_stat_activity where application_name = 'hanok ${module}'`)
  expect(rows).toEqual([{ name: settingsFor(module).role }])
})

test("a URL may name its host among its parameters, as for a socket, and is told of by that", async () => {
  const { username, password, hostname, port } = new URL(server.url)
  const url = (host: string) => `postgres://${username}:${password}@/postgres?port=${port}&host=${host}`
  const filled = await store(first, module, url(hostname))
  await filled.ready()
  await filled.port.transaction(createTestContext(), (tx) => tx.add("a"))
  expect(await messageOf((await store(first, module, url("/nowhere"))).ready())).toBe(
    `PostgreSQL at /nowhere:${port} cannot be reached: connect ENOENT /nowhere/.s.PGSQL.${port}.`,
  )
})

test.each(["statement_timeout", "query_timeout"])("the limit %s in the URL does not end statements that have more time", async (limit) => {
  const url = new URL(server.url)
  url.searchParams.set(limit, "100")
  const filled = await fillStore(
    postgres({
      migrations: await server.migrations(first),
      read: (db: Kysely<Tables>) => ({ wait: () => sql`select pg_sleep(0.3)`.execute(db) }),
      write: () => ({}),
    }),
    module,
    url.href,
  )
  expect((await filled.port.read(createTestContext()).wait()).rows).toHaveLength(1)
  await filled.close()
})

const options = "-c search_path=public -c default_transaction_isolation=serializable -c datestyle=SQL"

test.each(["the URL", "PGOPTIONS"])("options of %s do not count in place of what a module relies on", async (place) => {
  const url = new URL(server.url)
  if (place === "PGOPTIONS") vi.stubEnv("PGOPTIONS", options)
  else url.searchParams.set("options", options)
  onTestFinished(() => void vi.unstubAllEnvs())
  const adapter = postgres({
    migrations: await server.migrations(first),
    read: (db: Kysely<Tables>) => ({
      shown: async (name: string) => (await sql<Record<string, string>>`show ${sql.raw(name)}`.execute(db)).rows[0]?.[name],
    }),
    write: words,
  })
  const { port, close } = await adapter.create({
    module,
    env: { ...process.env, DATABASE_URL: url.href, HANOK_SECRET: "test" },
    log: silentLog,
  })
  await port.transaction(createTestContext(), (tx) => tx.add("a"))
  const read = port.read(createTestContext())
  expect(await Promise.all(["search_path", "default_transaction_isolation", "DateStyle"].map((name) => read.shown(name)))).toEqual([
    `"${module}"`,
    "read committed",
    expect.stringMatching(/^ISO,/),
  ])
  await close?.()
})

test("a missing or misshapen DATABASE_URL is told of at once, without showing it", async () => {
  const adapter = postgres({ migrations: await server.migrations(first), read: words, write: words })
  const create = (env: Record<string, string>) => messageOf(adapter.create({ module, env, log: silentLog }))
  expect(await create({})).toContain(`The module ${module} keeps its data in PostgreSQL, and DATABASE_URL is not set`)
  const misshapen = await create({ DATABASE_URL: "host=localhost password=hunter2" })
  expect(misshapen).toContain("is not a URL of PostgreSQL")
  expect(misshapen).not.toContain("hunter2")
  expect(await create({ DATABASE_URL: "postgres://me:hunter2@localhost/50%" })).toBe(misshapen)
  for (const hosts of ["@one:5432,two:5432/shop?target_session_attrs=read-write", "@one,two/shop", "@/shop?host=one,two"]) {
    const several = await create({ DATABASE_URL: `postgres://me:hun,ter2${hosts}` })
    expect(several).toContain("names several hosts. Name one")
    expect(several).not.toContain("hun,ter2")
  }
  expect(await create({ DATABASE_URL: "postgres://me:hun,ter2@localhost/shop" })).toBe("it did not fail")
  // One without a host takes no other user: the module would log in as the owner.
  expect(await create({ DATABASE_URL: "postgres:///shop" })).toBe(misshapen)
})

test("a server that cannot be reached is not ready, and says where it was looked for", async () => {
  const url = new URL(server.url)
  url.port = "1"
  const filled = await store(first, module, url.href)
  expect(await messageOf(filled.ready())).toContain("PostgreSQL at 127.0.0.1:1 cannot be reached")
  const error = await filled.port
    .read(createTestContext({ timeoutMs: 300 }))
    .ids()
    .catch((caught: unknown) => caught)
  expect(isFault(error, "UNAVAILABLE")).toBe(true)
})

test("a caller that goes away does not wait for a database that is not ready", async () => {
  const url = new URL(server.url)
  url.port = "1"
  const context = createTestContext()
  const ids = (await store(first, module, url.href)).port.read(context).ids()
  context.cancel()
  await expect(ids).rejects.toMatchObject({ code: "CANCELLED" })
})

test("a module is not ready when its role is there and may not log in", async () => {
  await server.ask(`create role "${settingsFor(module).role}" nologin`)
  expect(await messageOf((await store()).ready())).toContain("was made in PostgreSQL at")
})

test("a server that keeps silent while a role is made is given up, and found ready over another line", async () => {
  const silent = new Set<Socket>()
  const proxy = await createProxy(server.url, (client, upstream) => {
    client.on("data", (data) => {
      if (silent.size === 0 && data.includes("create role")) silent.add(client)
      if (!silent.has(client)) upstream.write(data)
    })
    upstream.on("data", (data) => silent.has(client) || client.write(data))
    client.on("close", () => upstream.destroy())
    upstream.on("close", () => client.destroy())
  })
  try {
    const filled = await store(first, module, proxy.url)
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    let told = ""
    void messageOf(filled.ready()).then((message) => (told = message))
    await vi.waitUntil(() => silent.size > 0, { timeout: 10_000 })
    await vi.advanceTimersByTimeAsync(80_000)
    vi.useRealTimers()
    await expect.poll(() => told).toContain("did not answer within 75000 ms")
    await filled.ready()
    expect(await filled.port.read(createTestContext()).ids()).toEqual([])
  } finally {
    vi.useRealTimers()
    proxy.close()
  }
})

test("whoever is gone in the middle of a migration does not keep its locks for good", async () => {
  const names = ["idle_session_timeout", "idle_in_transaction_session_timeout"]
  const rows = names.map((name) => `('${name} ' || current_setting('${name}'))`)
  const filled = await store({ "0001_gift.sql": `${first["0001_gift.sql"]}; insert into gift values ${rows.join(", ")}` })
  await filled.ready()
  expect(await filled.port.read(createTestContext()).ids()).toEqual(["idle_in_transaction_session_timeout 30s", "idle_session_timeout 30s"])
})

test("while a migration waits for a table that a long transaction has read, others go on to read it", async () => {
  const old = await store()
  await old.ready()
  const dump = new Client({ connectionString: server.url })
  onTestFinished(() => dump.end())
  await dump.connect()
  await dump.query(`begin; select from "${module}".gift`)
  const migrated = (await store({ ...first, "0002_more.sql": "alter table gift add column more text" })).ready()
  const waiting =
    "select count(*)::integer as waiting from pg_stat_activity where wait_event_type = 'Lock' and query like 'alter table gift%'"
  await expect.poll(async () => (await server.ask(waiting))[0]?.["waiting"]).toBe(1)
  expect(await old.port.read(createTestContext()).ids()).toEqual([])
  await dump.query("rollback")
  await migrated
})

test("limits that a database has for statements end neither a migration that takes longer, nor the wait for one", async () => {
  await server.ask("create database limited")
  await server.ask("alter database limited set statement_timeout = '1s'")
  const url = new URL(server.url)
  url.pathname = "/limited"
  const files = { ...first, "0002_slow.sql": "select pg_sleep(2)" }
  const replicas = await Promise.all([store(files, module, url.href), store(files, module, url.href)])
  await Promise.all(replicas.map((replica) => replica.ready()))
  expect(await replicas[0]?.port.read(createTestContext()).ids()).toEqual([])
})

test("a database that lets nobody in without a right of its own lets the modules in", async () => {
  await server.ask("create database guarded")
  await server.ask("revoke connect, temporary on database guarded from public")
  const url = new URL(server.url)
  url.pathname = "/guarded"
  const filled = await store(first, module, url.href)
  await filled.ready()
  await filled.port.transaction(createTestContext(), (tx) => tx.add("a"))
})

test("a database that takes no connection for a while is UNAVAILABLE, and found again", async () => {
  await server.ask("create database closed")
  const url = new URL(server.url)
  url.pathname = "/closed"
  const filled = await store(first, module, url.href)
  await filled.ready()
  await server.ask("alter database closed allow_connections false")
  await server.ask("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'closed'")
  const ids = () => filled.port.read(createTestContext()).ids()
  await expect(ids()).rejects.toMatchObject({
    code: "UNAVAILABLE",
    message: expect.stringContaining("not currently accepting connections"),
  })
  await server.ask("alter database closed allow_connections true")
  expect(await ids()).toEqual([])
})

test("a database whose encoding does not have all characters is refused, and what to do is said", async () => {
  await server.ask("create database latin encoding 'LATIN1' locale_provider libc locale 'C' template template0")
  const url = new URL(server.url)
  url.pathname = "/latin"
  expect(await messageOf((await store(first, module, url.href)).ready())).toMatch(
    /^The database latin .* keeps texts in LATIN1, .* encoding 'UTF8'/,
  )
})
