import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import type { Adapter } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import { startService } from "./service.ts"

const teaContract = defineContract("tea", {
  served: query({ input: z.object({}), output: z.string(), http: "GET /served", access: "public" }),
})

test("a replica whose address is known gets its first call when it is ready, and is called on when it is so no more", async () => {
  let trouble: string | undefined = "the tables are being made"
  const database: Adapter<undefined> = {
    kind: "adapter",
    technology: "database",
    create: async () => ({ port: undefined, ready: async () => (trouble === undefined ? undefined : Promise.reject(new Error(trouble))) }),
  }
  const handlers = { served: () => async () => "tea" }
  const teaModule = defineModule({ contract: teaContract, owner: "team-tea", needs: { database }, handlers })
  const topology = defineTopology({ modules: [teaModule], services: { tea: { modules: ["tea"] } }, gateway: { port: 0 } })
  const env = { HANOK_SECRET: "a secret for this test alone", HANOK_LOG_LEVEL: "error" }
  const discovery = createAddressBook()
  const start = async (service: string) => {
    const running = await startService({ topology, service, env, discovery })
    onTestFinished(() => running.close({ graceMs: 0 }))
    return running
  }
  const tea = await start("tea")
  discovery.update({ tea: [tea.seamAddress] })
  const front = await start("main")
  const ask = async () => (await fetch(`${front.gatewayUrl}/served`)).json() as Promise<unknown>

  expect(await ask()).toMatchObject({ code: "UNAVAILABLE" })
  trouble = undefined
  await expect.poll(ask, { timeout: 20_000 }).toBe("tea")
  trouble = "the database is away"
  expect([await tea.unready(), await ask()]).toEqual([["tea.database: the database is away"], "tea"])
})
