import { appendFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Context } from "@hanok/contract"
import { postgres } from "@hanok/postgres"
import type { Kysely } from "@hanok/postgres"
import { createEmbeddedPostgres, runningPostgresUrl } from "@hanok/postgres/embedded"
import { expect, onTestFinished, test, vi } from "vitest"
import { databaseProject } from "../testing/database-project.ts"
import { projectWith, runHanok } from "../testing/run-hanok.ts"
import { runDev } from "../testing/running-dev.ts"
import { smallProject } from "../testing/small-project.ts"

/** A module that tells of each count, and one that cannot bear it until a file allows it. */
const project = {
  ...databaseProject,
  "hanok.config.ts": `import { defineTopology } from "@hanok/contract"
import { countModule, watchModule } from "./modules/count/module.ts"
export default defineTopology({ modules: [countModule, watchModule], gateway: { requestsPerSecond: 0 } })
`,
  "modules/count/module.ts": `import { existsSync, appendFileSync } from "node:fs"
import { command, defineContract, defineModule, event, query } from "@hanok/contract"
import { postgres } from "@hanok/postgres"
import { z } from "zod"
const count = (db) => async () =>
  (await db.updateTable("count").set((row) => ({ value: row("value", "+", 1) })).returning("value").executeTakeFirstOrThrow()).value
const store = postgres({ migrations: new URL("migrations/", import.meta.url), read: () => ({}), write: (db) => ({ count: count(db) }) })
const countContract = defineContract("count", {
  count: command({ input: z.object({}), output: z.object({ value: z.int() }), access: "public", http: "POST /count" }),
  counted: event(z.object({ value: z.int(), key: z.string() }), { orderedBy: "key" }),
})
export const countModule = defineModule({
  contract: countContract,
  owner: "team-count",
  needs: { store },
  handlers: {
    count: ({ store, events }) => async (_, context) =>
      store.transaction(context, async (tx) => {
        const value = await tx.count()
        await events.counted(tx, { value, key: "all" }, context)
        return { value }
      }),
  },
})
export const watchModule = defineModule({
  contract: defineContract("watch", {
    watched: query({ input: z.object({}), output: z.object({}), access: "public", http: "GET /watched" }),
  }),
  owner: "team-watch",
  listens: { count: countContract },
  needs: { watched: postgres({ migrations: new URL("none/", import.meta.url), read: () => ({}), write: () => ({}) }) },
  handlers: { watched: () => () => ({}) },
  reactions: {
    count: {
      counted: () => async ({ value }) => {
        if (!existsSync(new URL("allowed", import.meta.url))) throw new Error("no counting \\u001b[31mhere")
        appendFileSync(new URL("seen", import.meta.url), value + "\\n")
      },
    },
  },
})
`,
  "modules/count/none/0001_none.sql": "create table none (id int);\n",
}

interface Parked {
  readonly id: string
  readonly event: { readonly payload: { readonly value: number } }
}

test("events that were given up are shown with why, and are brought again when it is asked for", { timeout: 180_000 }, async () => {
  const folder = await projectWith(project)
  const none = await runHanok(folder, "events")
  expect(none).toMatchObject({
    exitCode: 3,
    stdout: "",
    stderr: expect.stringContaining("No `hanok dev` with a database is running here."),
  })
  const dev = await runDev(folder, "--no-watch")
  expect(await runHanok(folder, "events")).toEqual({ exitCode: 0, stdout: "No event was given up.\n", stderr: "" })
  for (let times = 0; times < 3; times++) expect((await fetch(`${dev.facts.gatewayUrl}/count`, { method: "POST" })).status).toBe(200)
  const parked = async () => JSON.parse((await runHanok(folder, "events", "count", "--json")).stdout) as readonly Parked[]
  await allGivenUp(folder)
  const found = await parked()
  expect(found.map(({ event }) => event.payload)).toEqual([1, 2, 3].map((value) => ({ value, key: "all" })))
  const [first, second] = found
  const { stdout } = await runHanok(folder, "events", "--limit", "2")
  expect(stdout).toContain(`${first?.id}  counted for watch\n  given up `)
  expect(stdout).toContain("after 8 tries: no counting \ufffd[31mhere\n")
  expect(stdout).toContain("in order within all\n  trace ")
  expect(stdout).toContain("There are more: --limit shows them.\n")
  expect(stdout).not.toContain("\u001b")
  await appendFile(join(folder, "modules/count/allowed"), "")
  expect(await runHanok(folder, "events", "replay", String(second?.id))).toEqual({
    exitCode: 0,
    stdout: `${second?.id} is brought again.\n`,
    stderr: "",
  })
  const seen = () => readFile(join(folder, "modules/count/seen"), "utf8").catch(() => "")
  await expect.poll(seen, { timeout: 30_000 }).toBe("2\n")
  const twice = await runHanok(folder, "events", "replay", String(second?.id), "count", "watch")
  expect(twice).toMatchObject({ exitCode: 1, stdout: "count: 2 events are brought again.\nwatch: no event was given up.\n" })
  expect(twice.stderr).toContain(`No event that was given up has that id: ${second?.id}`)
  await expect.poll(seen, { timeout: 30_000 }).toBe("2\n1\n3\n")
  expect((await runHanok(folder, "events")).stdout).toBe("No event was given up.\n")
})

/** Resolves when all events of the module `count` are given up; lets the time until each next try be over at once. */
async function allGivenUp(folder: string): Promise<void> {
  const url = (await runningPostgresUrl(join(folder, ".hanok/postgres"))) ?? expect.fail("no database runs")
  const env = { DATABASE_URL: url, HANOK_SECRET: (await readFile(join(folder, ".hanok/secret"), "utf8")).trim() }
  await onCount(env, pathToFileURL(`${folder}/modules/count/migrations/`), async ({ port }, context) => {
    const hurried = () => port.transaction(context, (tx) => tx.hurry())
    await expect.poll(hurried, { timeout: 120_000 }).toBe(0)
  })
}

/** Has an event of the module `count` given up in that database, as its service would. */
async function giveUpOne(folder: string, url: string): Promise<void> {
  await onCount({ DATABASE_URL: url }, pathToFileURL(`${folder}/`), async ({ port, outbox }, context) => {
    const envelope = {
      id: "e",
      contract: "count",
      event: "counted",
      payload: {},
      orderingKey: undefined,
      occurredAt: 5,
      trace: context.trace,
    }
    await port.transaction(context, (tx) => tx.outbox.append(envelope, ["watch"]))
    const [delivery] = (await outbox?.lease(1, 60_000)) ?? []
    await outbox?.failed(delivery?.id ?? "", "no", undefined)
  })
}

interface OutboxTable {
  readonly hanok_outbox: { readonly id: string; readonly due_at: Date; readonly parked_at: Date | null }
}

/** Works on what the module `count` has in the database that `env` names. */
async function onCount<T>(env: NodeJS.ProcessEnv, migrations: URL, work: (made: Made, context: Context) => Promise<T>): Promise<T> {
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  const made = await countStore(migrations).create({ module: "count", env, log })
  await made.ready?.()
  const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
  const span = { trace, setAttribute: () => undefined, end: () => undefined }
  const context: Context = {
    deadlineAt: Date.now() + 120_000,
    signal: AbortSignal.timeout(120_000),
    identity: undefined,
    trace,
    log,
    idempotencyKey: undefined,
    newId: () => "",
    step: (work) => work(undefined),
    startSpan: () => span,
  }
  try {
    return await work(made, context)
  } finally {
    await made.close?.()
  }
}

type Made = Awaited<ReturnType<ReturnType<typeof countStore>["create"]>>

function countStore(migrations: URL) {
  return postgres({
    migrations,
    read: () => ({}),
    write: (db: Kysely<OutboxTable>) => ({
      /** Says how many events are not given up yet. What is being brought is due in fifteen seconds, what waits in 6.4 at most. */
      async hurry() {
        const now = new Date()
        const waiting = db.updateTable("hanok_outbox").set({ due_at: now }).where("parked_at", "is", null)
        await waiting
          .where("due_at", ">", now)
          .where("due_at", "<", new Date(now.getTime() + 7_000))
          .execute()
        return (await db.selectFrom("hanok_outbox").select("id").where("parked_at", "is", null).execute()).length
      },
    }),
  })
}

test("events of a module whose store names a database of its own are looked for there", { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "hanok-events-"))
  const server = await createEmbeddedPostgres({ folder: join(folder, "postgres"), durability: "off" })
  onTestFinished(async () => {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })
  await mkdir(join(folder, "none"))
  for (let times = 0; times < 2; times++) await giveUpOne(join(folder, "none"), server.url)
  const module = project["modules/count/module.ts"].replace("postgres({", "postgres({ url: process.env.COUNT_URL,")
  const config = project["hanok.config.ts"].replace("[countModule, watchModule]", "[countModule]")
  const app = await projectWith({ ...project, "modules/count/module.ts": module, "hanok.config.ts": config })
  vi.stubEnv("COUNT_URL", server.url)
  onTestFinished(() => void vi.unstubAllEnvs())
  expect((await runHanok(app, "events")).stdout).toContain("count/1  counted for watch\n")
  const sure = await runHanok(app, "events", "discard", "count/1", "count/7", "--yes")
  expect(sure).toMatchObject({ exitCode: 1, stdout: "count/1 is discarded.\n" })
  expect(sure.stderr).toContain("No event that was given up has that id: count/7")
  expect(await runHanok(app, "events", "replay", "count")).toMatchObject({ exitCode: 0, stdout: "count: one event is brought again.\n" })
})

test.each([
  [["--limit", "0"], 2, '--limit is "0".'],
  [["nobody"], 2, "There is no module nobody that keeps its events in PostgreSQL.\n  There are: count, watch"],
  [["replay", "nobody/1"], 2, "There is no module nobody"],
  [["discard", "count"], 2, "with --yes they are discarded."],
  [["replay"], 2, "missing required argument 'what'"],
  [["replay", "count", "--limit", "1"], 2, "unknown option '--limit'"],
  [["discard", "count", "--yes", "--limit", "1"], 2, "unknown option '--limit'"],
  [["replay", "count", "--json"], 2, "unknown option '--json'"],
])("%j is told what is wrong with it", async (args, exitCode, message) => {
  const ran = await runHanok(await projectWith(project), "events", ...args)
  expect([ran.exitCode, ran.stderr]).toEqual([exitCode, expect.stringContaining(message)])
})

test("where no events are kept it is said that there is nothing to look at", async () => {
  const ran = await runHanok(await projectWith(smallProject), "events")
  expect([ran.exitCode, ran.stderr]).toEqual([2, expect.stringContaining("No module of this topology keeps its events in PostgreSQL.")])
})

test("a DATABASE_URL that is none is bad input", async () => {
  vi.stubEnv("DATABASE_URL", "somewhere")
  onTestFinished(() => void vi.unstubAllEnvs())
  const ran = await runHanok(await projectWith(project), "events")
  expect([ran.exitCode, ran.stderr]).toEqual([2, expect.stringContaining("is not a URL of PostgreSQL")])
})

test("a database that cannot be reached is named, without its password", async () => {
  vi.stubEnv("DATABASE_URL", "postgres://owner:hush@127.0.0.1:4/none")
  onTestFinished(() => void vi.unstubAllEnvs())
  const ran = await runHanok(await projectWith(project), "events")
  expect([ran.exitCode, ran.stderr]).toEqual([3, expect.stringContaining("PostgreSQL at 127.0.0.1:4 cannot be reached")])
  expect(ran.stderr).not.toContain("hush")
})
