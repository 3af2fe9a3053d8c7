import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import type { Adapter } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import { startService } from "./service.ts"
import type { RunningService } from "./service.ts"

const teaContract = defineContract("tea", {
  served: query({ input: z.object({}), output: z.string(), http: "GET /served", access: "public" }),
})

/** A service with a database in whatever state it is told, and one with a gateway that calls it. */
function house() {
  const state: { trouble?: string | undefined } = {}
  const database: Adapter<undefined> = {
    kind: "adapter",
    technology: "database",
    create: async () => ({
      port: undefined,
      ready: async () => (state.trouble === undefined ? undefined : Promise.reject(new Error(state.trouble))),
    }),
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
  const ask = async ({ gatewayUrl }: RunningService) => (await fetch(`${gatewayUrl}/served`)).json() as Promise<unknown>
  return { state, discovery, start, ask }
}

test("a replica whose address is known gets its first call when it is ready, and is called on when it is so no more", async () => {
  const { state, discovery, start, ask } = house()
  state.trouble = "the tables are being made"
  const tea = await start("tea")
  discovery.update({ tea: [tea.seamAddress] })
  const front = await start("main")
  expect(await ask(front)).toMatchObject({ code: "UNAVAILABLE" })
  state.trouble = undefined
  await expect.poll(() => ask(front), { timeout: 20_000 }).toBe("tea")
  state.trouble = "the database is away"
  expect([await tea.unready(), await ask(front)]).toEqual([["tea.database: the database is away"], "tea"])
})

test("a replica that has been ready lets in who comes when it is so no more", async () => {
  const { state, discovery, start, ask } = house()
  const tea = await start("tea")
  expect(await tea.unready()).toEqual([])
  state.trouble = "the database is away"
  discovery.update({ tea: [tea.seamAddress] })
  const front = await start("main")
  await expect.poll(() => ask(front)).toBe("tea")
})
