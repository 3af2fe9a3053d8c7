import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { command, defineContract, defineModule, defineTopology, event, query } from "@hanok/contract"
import type { Topology } from "@hanok/contract"
import { postgres } from "@hanok/postgres"
import type { Kysely } from "@hanok/postgres"
import { createEmbeddedPostgres } from "@hanok/postgres/embedded"
import { createAddressBook, startService } from "@hanok/runtime"
import type { RunningService } from "@hanok/runtime"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"

const entries = z.object({ entries: z.array(z.string()) })
const ledgerContract = defineContract("ledger", {
  enter: command({ input: z.object({ id: z.string() }), output: z.object({}) }),
  entries: query({ input: z.object({}), output: entries }),
})
const orderContract = defineContract("order", {
  place: command({ input: z.object({ id: z.string() }), output: z.object({}), access: "public", http: "POST /orders" }),
  entries: query({ input: z.object({}), output: entries, access: "public", http: "GET /entries" }),
  placed: event(z.object({ id: z.string() })),
})

interface LedgerTables {
  readonly entry: { readonly text: string }
}

/** Whatever is done twice is entered twice. */
const ledgerStore = (migrations: URL) =>
  postgres({
    migrations,
    read: (db: Kysely<LedgerTables>) => ({
      all: async () => (await db.selectFrom("entry").select("text").execute()).map(({ text }) => text),
    }),
    write: (db: Kysely<LedgerTables>) => ({
      enter: async (text: string) => void (await db.insertInto("entry").values({ text }).execute()),
    }),
  })

const ledgerModule = (store: ReturnType<typeof ledgerStore>) =>
  defineModule({
    contract: ledgerContract,
    owner: "team-ledger",
    listens: { order: orderContract },
    needs: { store },
    handlers: {
      entries:
        ({ store }) =>
        async (_, context) => ({ entries: await store.read(context).all() }),
      enter:
        ({ store }) =>
        async ({ id }, context) => {
          await store.transaction(context, (tx) => tx.enter(`${id} called`))
          return {}
        },
    },
    reactions: {
      order: {
        placed:
          ({ store }) =>
          ({ id }, context) =>
            store.transaction(context, (tx) => tx.enter(`${id} heard`)),
      },
    },
    jobs: {
      count: {
        everyMs: 100,
        run:
          ({ store }) =>
          (context) =>
            store.transaction(context, (tx) => tx.enter(context.idempotencyKey ?? "no key")),
      },
    },
  })

const orderModule = (migrations: URL) =>
  defineModule({
    contract: orderContract,
    owner: "team-order",
    uses: { ledger: ledgerContract },
    needs: { store: postgres({ migrations, read: () => ({}), write: () => ({}) }) },
    handlers: {
      entries:
        ({ ledger }) =>
        (input, context) =>
          ledger.entries(input, context),
      place:
        ({ store, ledger, events }) =>
        async ({ id }, context) => {
          await ledger.enter({ id }, context)
          await store.transaction(context, (tx) => events.placed(tx, { id }, context))
          return {}
        },
    },
  })

type Home = "old" | "new"

test("while a module moves, each command, event and run of a job is applied once", { timeout: 120_000 }, async () => {
  const { start, place, entered } = await shop()
  const [ledgerAsItWas] = [await start("old", "old"), await start("main", "old")]
  await place("before", 10)
  await start("new", "new")
  await start("main", "new")
  await place("with-both", 20)
  await start("old", "new")
  await place("with-each", 20)
  await ledgerAsItWas.close({ graceMs: 10_000 })
  await place("after", 20)
  const isRun = (text: string) => text.startsWith("job ledger.count")
  await expect.poll(async () => (await entered()).filter((text) => !isRun(text)).length, { timeout: 30_000 }).toBe(140)
  const all = await entered()
  expect(all.filter(isRun).length).toBeGreaterThan(0)
  expect(all.filter((text, index) => all.indexOf(text) !== index)).toEqual([])
})

/** Services on one database, each as it is while the ledger has that home. */
async function shop() {
  const folder = await mkdtemp(join(tmpdir(), "hanok-moving-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const server = await createEmbeddedPostgres({ folder: join(folder, "data"), durability: "off" })
  onTestFinished(() => server.close())
  const topologies = await topologiesIn(folder)
  const book = createAddressBook()
  const running: RunningService[] = []
  const gateways = () => running.flatMap(({ gatewayUrl }) => (gatewayUrl === undefined ? [] : [gatewayUrl]))
  return {
    async start(service: string, home: Home): Promise<RunningService> {
      const env = {
        HANOK_SECRET: "a secret of this test, long enough",
        HANOK_GATEWAY_PORT: "0",
        HANOK_LOG_LEVEL: "silent",
        DATABASE_URL: server.url,
      }
      const started = await startService({ topology: topologies[home], service, env, discovery: book })
      onTestFinished(() => started.close({ graceMs: 0 }))
      await expect.poll(() => started.unready(), { timeout: 30_000 }).toEqual([])
      running.push(started)
      const addressesOf = (name: string) => running.filter((other) => other.service === name).map(({ seamAddress }) => seamAddress)
      book.update({ old: addressesOf("old"), new: addressesOf("new") })
      return started
    },
    /** Orders, by all gateways in turn. */
    async place(when: string, count: number): Promise<void> {
      for (let number = 0; number < count; number++) {
        const headers = { "content-type": "application/json", "idempotency-key": `${when}-${number}` }
        const body = JSON.stringify({ id: `${number} ${when}` })
        const response = await fetch(`${gateways()[number % gateways().length]}/orders`, { method: "POST", headers, body })
        expect([response.status, await response.text()]).toEqual([200, "{}"])
      }
    },
    async entered(): Promise<readonly string[]> {
      const response = await fetch(`${gateways()[0]}/entries`)
      return entries.parse(await response.json()).entries
    },
  }
}

async function topologiesIn(folder: string): Promise<Readonly<Record<Home, Topology>>> {
  const migrations = async (module: string, text: string) => {
    await mkdir(join(folder, module))
    await writeFile(join(folder, module, "0001_first.sql"), text)
    return pathToFileURL(`${join(folder, module)}/`)
  }
  const ledger = ledgerModule(ledgerStore(await migrations("ledger", "create table entry (text text not null)")))
  const order = orderModule(await migrations("order", "create table nothing ()"))
  const idle = (name: string) => defineModule({ contract: defineContract(name, {}), owner: "team-idle", handlers: {} })
  const topologyOf = (home: Home) =>
    defineTopology({
      modules: [order, ledger, idle("west"), idle("east")],
      services: {
        old: { modules: home === "old" ? ["west", "ledger"] : ["west"] },
        new: { modules: home === "new" ? ["east", "ledger"] : ["east"] },
      },
      gateway: { requestsPerSecond: 0 },
    })
  return { old: topologyOf("old"), new: topologyOf("new") }
}
