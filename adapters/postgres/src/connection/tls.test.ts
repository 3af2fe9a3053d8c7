import { mkdtemp, rename, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sql } from "kysely"
import type { Kysely } from "kysely"
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest"
import { createTestContext, createTestServer, fillStore, silentLog } from "../fixture.ts"
import type { TestServer } from "../fixture.ts"
import { postgres } from "../postgres.ts"
import { tellOfPooler } from "../provision/pooler-mode.ts"
import { createProxy } from "../proxy.fixture.ts"
import { settingsOf } from "./settings.ts"
import { createFindSilence } from "./silence.ts"
import { certificate, key } from "./tls.fixture.ts"

let server: TestServer
let folder: string
/** Of the certificate's authority, which is itself. */
let authority: string

beforeAll(async () => {
  server = await createTestServer()
  // By the server itself: it takes a key that is its own and nobody else's.
  for (const [file, text] of Object.entries({ "server.key": key, "server.crt": certificate }))
    await server.ask(`copy (select regexp_split_to_table('${text.trimEnd()}', '\n')) to program 'umask 077; cat > ${file}'`)
  await server.ask("alter system set ssl = on")
  await server.stop()
  await server.start()
  folder = await mkdtemp(join(tmpdir(), "hanok-tls-"))
  authority = join(folder, "authority.crt")
  await writeFile(authority, certificate)
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const words = (db: Kysely<object>) => ({
  cipher: async () =>
    (await sql<{ cipher: string }>`select cipher from pg_stat_ssl where pid = pg_backend_pid()`.execute(db)).rows[0]?.cipher,
  add: async () => void (await sql`insert into hit default values`.execute(db)),
  count: async () => Number((await sql<{ hits: number }>`select count(*) as hits from hit`.execute(db)).rows[0]?.hits),
  breakOff: async () => void (await sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)),
})

const migrations = { "0001_hit.sql": "create table hit (id integer generated always as identity)" }

async function open(module: string, parameters: string, url = server.url) {
  const adapter = postgres({ migrations: await server.migrations(migrations), read: words, write: words, poolSize: 1 })
  const store = await fillStore(adapter, module, `${url}?${parameters}`)
  onTestFinished(() => store.close())
  return store
}

test("an authority's file that is gone, as while it is replaced, fails those who need a connection, and nobody else", async () => {
  const store = await open("replaced", `sslmode=verify-full&sslrootcert=${authority}`)
  await store.ready()
  const entered = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<void>()
  const first = store.port.transaction(createTestContext(), async (tx) => {
    entered.resolve()
    await gone.promise
    await tx.breakOff()
  })
  await entered.promise
  const second = store.port.read(createTestContext()).cipher()
  await rename(authority, `${authority}.old`)
  gone.resolve()
  await expect(first).rejects.toMatchObject({ code: "UNAVAILABLE" })
  await expect(second).rejects.toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining(authority) })
  await expect(store.port.read(createTestContext()).cipher()).rejects.toMatchObject({ code: "UNAVAILABLE" })
  await rename(`${authority}.old`, authority)
  expect(await store.port.read(createTestContext()).cipher()).toBeTypeOf("string")
})

test("whoever looks at the server for others hears that a file is gone, and fails nobody else", async () => {
  const settings = settingsOf(
    { module: "looking", env: { DATABASE_URL: `${server.url}?sslmode=verify-full&sslrootcert=${authority}.none` } },
    undefined,
  )
  await expect(tellOfPooler(settings, silentLog)).resolves.toBeUndefined()
  const silence = await createFindSilence(settings, silentLog)()
  expect(silence).toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining(`${authority}.none`) })
})

test("a certificate that is not trusted is told of with what to do, and not as a server that may be starting", async () => {
  const store = await open("untrusted", "sslmode=verify-full")
  const expected = { code: "UNAVAILABLE", message: expect.stringContaining("self-signed"), hint: expect.stringContaining("sslrootcert") }
  await expect(store.ready()).rejects.toMatchObject(expected)
})

test("a URL whose `ssl` says nothing that is known is told of at once, and one that says what is known counts", async () => {
  await expect(open("unknown", "ssl=false")).rejects.toThrow("has an `ssl` that is none of true, 1, 0 and no-verify. Say it by sslmode")
  for (const [index, [parameters, isTls]] of (
    [
      ["ssl=false&sslmode=disable", false],
      ["ssl=0", false],
      ["ssl=no-verify", true],
    ] as const
  ).entries()) {
    const store = await open(`known${index}`, parameters)
    expect(typeof (await store.port.read(createTestContext()).cipher())).toBe(isTls ? "string" : "object")
  }
})

test("a commit whose answer comes spoilt is never said to have failed", async () => {
  let spoils = false
  const proxy = await createProxy(server.url, (client, upstream) => {
    client.on("data", (data) => upstream.write(data)).on("close", () => upstream.destroy())
    upstream.on("close", () => client.destroy())
    upstream.on("data", (data: Buffer) => {
      // The last byte of a TLS record is of what it is checked by.
      if (spoils) data.writeUInt8(data.readUInt8(data.length - 1) ^ 1, data.length - 1)
      spoils = false
      client.write(data)
    })
  })
  onTestFinished(() => proxy.close())
  const store = await open("spoilt", `sslmode=verify-full&sslrootcert=${authority}`, proxy.url)
  await store.ready()
  const add = (key?: string) =>
    store.port.transaction(createTestContext(key === undefined ? {} : { key }), async (tx) => {
      await tx.add()
      spoils = true
    })
  await expect(add()).rejects.toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("it may have been kept") })
  expect(await store.port.read(createTestContext()).count()).toBe(1)
  await add("key")
  expect(await store.port.read(createTestContext()).count()).toBe(2)
})
