import { randomUUID } from "node:crypto"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Adapter, Attributes, Context, Filled, Journal, Logger, Outbox, Span, SpanKind, Store } from "@hanok/contract"
import { Client } from "pg"
import { dataFolderIn } from "./embedded/cluster.ts"
import { createEmbeddedPostgres } from "./embedded/index.ts"
import { findNatives } from "./embedded/natives.ts"
import { findRunAs } from "./embedded/run-as.ts"
import { startServer } from "./embedded/server-process.ts"

/** A real server for one test file, and the folders of migrations made for it. */
export interface TestServer {
  readonly url: string
  /** Stops the server and starts it again on the same port. */
  stop(): Promise<void>
  start(): Promise<void>
  migrations(files: Readonly<Record<string, string>>): Promise<URL>
  /** As the owner. */
  ask(text: string): Promise<readonly Record<string, unknown>[]>
  close(): Promise<void>
}

/** One that `replicates` may be followed by others, and may wait for them. */
export async function createTestServer({ replicates = false } = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), "hanok-postgres-"))
  const data = join(folder, "data")
  const embedded = await createEmbeddedPostgres({ folder: data, durability: "off" })
  const { url } = embedded
  let server: { close(): Promise<void> } = embedded
  if (replicates) {
    await server.close()
    server = await startReplicating(data, Number(new URL(url).port))
  }
  return {
    url,
    stop: () => server.close(),
    async start() {
      server = await createEmbeddedPostgres({ folder: data, durability: "off", port: Number(new URL(url).port) })
    },
    async migrations(files) {
      const place = join(folder, randomUUID())
      await mkdir(place)
      await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(place, name), text)))
      return pathToFileURL(`${place}/`)
    },
    ask: (text) => askAs(url, text),
    async close() {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

// What is embedded for development replicates to nobody.
async function startReplicating(folder: string, port: number): Promise<{ close(): Promise<void> }> {
  const data = dataFolderIn(folder)
  const { postgres: program } = await findNatives(folder)
  const { prefix } = await findRunAs(folder, data, program)
  const settings = { wal_level: "replica", max_wal_senders: "1", fsync: "off" }
  const logFile = join(folder, "postgres.log")
  const server = await startServer({ data, program, prefix, port, settings, logFile, log: () => undefined, signal: undefined })
  return { close: () => server.stop() }
}

export async function askAs(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

/**
 * How many rows of a table the one connection of a store reads when it looks through all of it: `work` is done on it while the table is
 * small, and once more when `insert` has made it large at once. Closes the store.
 */
export async function wholeReadsWhenGrown(
  server: TestServer,
  { schema, table }: { readonly schema: string; readonly table: string },
  { work, insert, close }: { work(name: string): Promise<void>; readonly insert: string; close(): Promise<void> },
): Promise<number> {
  await work("first ")
  await server.ask(`alter table "${schema}".${table} set (autovacuum_enabled = off)`)
  await server.ask(`vacuum analyze "${schema}".${table}`)
  // PostgreSQL keeps a plan from the sixth time on.
  for (let round = 0; round < 8; round++) await work(`small ${round} `)
  await server.ask(insert)
  await work("grown ")
  // What a connection has read is told when it has been idle for a moment, at the latest when it is closed.
  await close()
  const [row] = await server.ask(`select seq_tup_read::integer as reads from pg_stat_user_tables
    where schemaname = '${schema}' and relname = '${table}'`)
  return Number(row?.["reads"])
}

const silent = () => undefined
export const silentLog: Logger = { debug: silent, info: silent, warn: silent, error: silent }

export interface FilledStore<Reads, Writes> extends Filled<Store<Reads, Writes>> {
  readonly journal: Journal
  readonly outbox: Outbox
  ready(): Promise<void>
  close(): Promise<void>
}

/** The adapter as the runtime fills it, with every part that a transactional store has. */
export async function fillStore<Reads, Writes>(
  adapter: Adapter<Store<Reads, Writes>>,
  module: string,
  url: string,
  log = silentLog,
): Promise<FilledStore<Reads, Writes>> {
  const { port, journal, outbox, ready, close } = await adapter.create({
    module,
    env: { DATABASE_URL: url, HANOK_SECRET: "test" },
    log,
  })
  if (!journal || !outbox || !ready || !close) throw new Error("The adapter lacks a part.")
  return { port, journal, outbox, ready, close }
}

interface SeenSpan {
  readonly name: string
  readonly kind: SpanKind
  readonly attributes: Record<string, string | number | boolean>
  error: unknown
}

export interface TestContext extends Context {
  readonly spans: readonly SeenSpan[]
  cancel(): void
}

/** A call's context, as the runtime would make it. */
export function createTestContext(options: { readonly key?: string; readonly timeoutMs?: number } = {}): TestContext {
  const timeoutMs = options.timeoutMs ?? 10_000
  const cancelling = new AbortController()
  const spans: SeenSpan[] = []
  let steps = 0
  return {
    deadlineAt: Date.now() + timeoutMs,
    signal: AbortSignal.any([cancelling.signal, AbortSignal.timeout(timeoutMs)]),
    identity: undefined,
    trace: { traceId: "1".repeat(32), spanId: "2".repeat(16) },
    log: silentLog,
    idempotencyKey: options.key,
    newId: () => randomUUID(),
    step: (work) => work(options.key === undefined ? undefined : steps++),
    startSpan: (name, kind, attributes = {}) => startSpan(spans, name, kind, attributes),
    spans,
    cancel: () => cancelling.abort(),
  }
}

function startSpan(spans: SeenSpan[], name: string, kind: SpanKind, attributes: Attributes): Span {
  const seen: SeenSpan = { name, kind, attributes: { ...attributes }, error: undefined }
  spans.push(seen)
  return {
    trace: { traceId: "1".repeat(32), spanId: "3".repeat(16) },
    setAttribute: (key, value) => void (seen.attributes[key] = value),
    end: (error) => void (seen.error = error),
  }
}
