import type { Socket } from "node:net"
import { sql } from "kysely"
import type { Kysely } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createTestContext, createTestServer, fillStore } from "../fixture.ts"
import type { TestServer } from "../fixture.ts"
import { openOutbox } from "../open-outbox.ts"
import { postgres } from "../postgres.ts"
import { createProxy } from "../proxy.fixture.ts"

/*
 * What a pooler in session mode, such as PgBouncer as it comes, asks of whoever connects: it refuses settings as a connection begins, and
 * has errors of its own for roles that it does not find.
 */

let server: TestServer

beforeAll(async () => {
  server = await createTestServer()
})
afterAll(() => server.close())

const words = (db: Kysely<object>) => ({
  limit: async () => (await sql<{ limit: string }>`select current_setting('statement_timeout') as limit`.execute(db)).rows[0]?.limit,
})

async function open(module: string, url: string) {
  return fillStore(postgres({ migrations: await server.migrations({}), read: words, write: words }), module, url)
}

/** Of the first message of a connection: its length, the version, then names and values that end with a zero. */
function startOf(data: Buffer): ReadonlyMap<string, string> {
  const texts = data.subarray(8).toString().split("\0")
  return new Map(texts.flatMap((name, index) => (index % 2 === 0 && name !== "" ? [[name, texts[index + 1] ?? ""]] : [])))
}

/** `refuse` gives what is said to a connection in place of the server, by how it begins. */
function poolerBefore(url: string, refuse: (start: ReadonlyMap<string, string>) => string | undefined) {
  const begin = (client: Socket, upstream: Socket, first: Buffer) => {
    const refusal = refuse(startOf(first))
    if (refusal === undefined) {
      upstream.write(first)
      client.pipe(upstream).pipe(client)
      return
    }
    const fields = Buffer.from(`SFATAL\0C08P01\0M${refusal}\0\0`)
    const head = Buffer.alloc(5, "E")
    head.writeInt32BE(fields.length + 4, 1)
    client.end(Buffer.concat([head, fields]))
    upstream.destroy()
  }
  return createProxy(url, (client, upstream) => void client.once("data", (first: Buffer) => begin(client, upstream, first)))
}

const taken = new Set(["user", "database", "client_encoding", "application_name"])

test("a pooler that takes no settings as a connection begins serves a module, and its statements are limited all the same", async () => {
  const pooler = await poolerBefore(server.url, (start) => {
    const others = [...start.keys()].filter((name) => !taken.has(name))
    return others.length === 0 ? undefined : `unsupported startup parameter: ${others.join(", ")}`
  })
  const store = await open("settled", pooler.url)
  await store.ready()
  expect(await store.port.read(createTestContext({ timeoutMs: 10_000 })).limit()).toBe("16384ms")
  await store.close()
  const opened = await openOutbox({ url: pooler.url, module: "settled", secret: "test" })
  expect(await opened?.outbox.parked(1)).toEqual([])
  await opened?.close()
  pooler.close()
})

test("a pooler that does not find a module's role yet does not keep it from being made", async () => {
  const known = async () => new Set((await server.ask("select rolname as name from pg_roles")).map(({ name }) => name))
  let roles = await known()
  const pooler = await poolerBefore(server.url, (start) => (roles.has(start.get("user") ?? "") ? undefined : "no such user"))
  const store = await open("unknown", pooler.url)
  await expect(store.ready()).rejects.toThrow(/was made in PostgreSQL at .*: no such user\..* pooler/)
  roles = await known()
  await store.ready()
  expect(await store.port.read(createTestContext()).limit()).toBeDefined()
  await store.close()
  pooler.close()
})
