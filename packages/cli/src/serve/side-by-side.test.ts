import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { command, defineContract, defineModule, defineTopology, event, Fault } from "@hanok/contract"
import type { Reaction } from "@hanok/contract"
import { postgres } from "@hanok/postgres"
import { createEmbeddedPostgres } from "@hanok/postgres/embedded"
import { createAddressBook, startService } from "@hanok/runtime"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"

const none = z.object({})
const orderContract = defineContract("order", {
  cancel: command({ input: none, output: none, access: "public", http: "POST /cancel" }),
  hold: command({ input: none, output: none, access: "public", http: "POST /hold" }),
  freed: event(z.object({ sku: z.string() })),
})
const stockContract = defineContract("stock", {})

test(
  "keyed work that is carried out again after one of its transactions side by side was kept loses no event of the other",
  { timeout: 60_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "hanok-side-by-side-"))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    await writeFile(join(folder, "0001_first.sql"), "create table nothing ()")
    const store = postgres({ migrations: pathToFileURL(`${folder}/`), read: () => ({}), write: () => ({}), poolSize: 2 })
    const [teaIsKept, holds, isHeld] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let isAway = true
    const order = defineModule({
      contract: orderContract,
      owner: "a",
      needs: { store },
      handlers: {
        cancel: (ports) => async (_, context) => {
          const coffee = ports.store.transaction(context, async (tx) => {
            if (isAway) {
              await teaIsKept.promise
              throw new Fault("UNAVAILABLE", "What coffee needs is away.")
            }
            await ports.events.freed(tx, { sku: "coffee" }, context)
          })
          const tea = ports.store.transaction(context, (tx) => ports.events.freed(tx, { sku: "tea" }, context))
          void tea.then(teaIsKept.resolve)
          await Promise.all([coffee, tea])
          return {}
        },
        // One connection is left to others: their transactions come one after the other.
        hold: (ports) => async (_, context) => {
          await ports.store.transaction(context, async () => (holds.resolve(), isHeld.promise))
          return {}
        },
      },
    })
    const freed: string[] = []
    const stock = defineModule({
      contract: stockContract,
      owner: "a",
      listens: { order: orderContract },
      handlers: {},
      reactions: {
        order: {
          freed:
            (): Reaction<typeof orderContract, "freed"> =>
            async ({ sku }) =>
              void freed.push(sku),
        },
      },
    })
    const server = await createEmbeddedPostgres({ folder: join(folder, "data"), durability: "off" })
    onTestFinished(() => server.close())
    const service = await startService({
      topology: defineTopology({ modules: [order, stock] }),
      service: "main",
      env: {
        HANOK_SECRET: "a secret of this test, long enough",
        HANOK_GATEWAY_PORT: "0",
        HANOK_LOG_LEVEL: "silent",
        DATABASE_URL: server.url,
      },
      discovery: createAddressBook(),
    })
    onTestFinished(() => service.close({ graceMs: 0 }))
    await expect.poll(() => service.unready(), { timeout: 30_000 }).toEqual([])
    const ask = async (operation: string, key: string) => {
      const headers = { "content-type": "application/json", "idempotency-key": key }
      return (await fetch(`${service.gatewayUrl}/${operation}`, { method: "POST", headers, body: "{}" })).status
    }
    expect(await ask("cancel", "key-1")).toBe(503)
    await expect.poll(() => freed, { timeout: 20_000 }).toEqual(["tea"])
    isAway = false
    const held = ask("hold", "key-2")
    await holds.promise
    expect(await ask("cancel", "key-1")).toBe(200)
    isHeld.resolve()
    expect(await held).toBe(200)
    await expect.poll(() => freed, { timeout: 20_000 }).toEqual(["tea", "coffee"])
  },
)
