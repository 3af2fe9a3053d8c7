import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import type { Module } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import { createLog } from "../log.ts"
import { newRootSpanIds } from "../recorder/index.ts"
import { startService } from "./service.ts"

// What a module calls, and which modules there are, may differ between two versions whose contracts are the same.

const env = { HANOK_SECRET: "a secret for this test alone, 32 characters" }
const log = createLog({ service: "test", instance: "test", level: "silent" })
const none = z.object({})
const answer = z.object({ left: z.int() })
const orderContract = defineContract("order", { place: query({ input: none, output: answer, http: "GET /place" }) })
const stockContract = defineContract("stock", { left: query({ input: none, output: answer, http: "GET /left" }) })
const mailContract = defineContract("mail", {})

const stock = defineModule({ contract: stockContract, owner: "team-stock", handlers: { left: () => async () => ({ left: 7 }) } })
const mail = defineModule({ contract: mailContract, owner: "team-mail", handlers: {} })
const calling = defineModule({
  contract: orderContract,
  owner: "team-order",
  uses: { stock: stockContract },
  handlers: { place: (ports) => async (input, context) => ports.stock.left(input, context) },
})
const alone = defineModule({ contract: orderContract, owner: "team-order", handlers: { place: () => async () => ({ left: 0 }) } })

/** `order` in the service `main`, the others in `away`. */
const versionOf = (...modules: readonly [Module, ...Module[]]) => {
  const away = modules.map(({ contract }) => contract.name).filter((name) => name !== "order")
  return defineTopology({ name: "shop", modules, services: { away: { modules: away } } })
}
const callingVersion = versionOf(calling, stock, mail)

const bookOf = () => {
  const book = createAddressBook()
  onTestFinished(() => book.close())
  return book
}

async function start(topology: ReturnType<typeof versionOf>, service: string, discovery = bookOf()) {
  const started = await startService({ topology, service, env, discovery, log, gatewayPort: 0 })
  onTestFinished(() => started.close({ graceMs: 0 }))
  return started
}

/** What becomes of twenty orders at a service whose `order` calls `stock`, where those versions of `away` are. */
function placed(...versions: readonly ReturnType<typeof versionOf>[]): Promise<readonly unknown[]> {
  return placedIn(callingVersion, ...versions)
}

async function placedIn(version: ReturnType<typeof versionOf>, ...versions: readonly ReturnType<typeof versionOf>[]) {
  const discovery = bookOf()
  const main = await start(version, "main", discovery)
  const replicas = await Promise.all(versions.map((version) => start(version, "away")))
  discovery.update({ away: replicas.map(({ seamAddress }) => seamAddress) })
  await expect.poll(() => main.metrics().replicas.filter(({ isReady }) => isReady).length).toBe(replicas.length)
  const call = { caller: "gateway", kind: "call", contract: "order", operation: "place", subscriber: undefined, input: {} } as const
  const ask = async () => {
    const rest = { remainingMs: 5_000, trace: newRootSpanIds(), identity: undefined, idempotencyKey: undefined }
    return main.host.seam.send({ ...call, ...rest }).reply.catch((error: unknown) => error)
  }
  const outcomes: unknown[] = []
  for (let turn = 0; turn < 20; turn++) outcomes.push(await ask())
  return outcomes
}

const allGood = Array.from({ length: 20 }, () => ({ left: 7 }))

test("a call to a module that is new goes to a replica that knows it, not to one of the version before", async () => {
  expect(await placed(versionOf(alone, mail), callingVersion)).toEqual(allGood)
})

test("where no replica knows the module yet, the fault names the contract and says that versions do not fit", async () => {
  const [first] = await placed(versionOf(alone, mail))
  expect(first).toMatchObject({ code: "INCOMPATIBLE_CONTRACT", message: "The contract stock is not known to the other side." })
})

test("a module calls what it uses, also where another version of it did not use that yet, or does no more", async () => {
  expect(await placed(versionOf(alone, stock, mail))).toEqual(allGood)
})

test("a module that is new calls what it uses where it is not known yet", async () => {
  expect(await placed(versionOf(stock, mail))).toEqual(allGood)
})

test("a service of many modules, each of which uses many elsewhere, gets in with what it says of them", async () => {
  const contracts = Array.from({ length: 150 }, (_, index) => defineContract(`stock-of-store-${index}`, {}))
  const uses = Object.fromEntries([stockContract, ...contracts].map((contract, index) => [`store${index}`, contract]))
  const stores = contracts.map((contract) => defineModule({ contract, owner: "team-stock", handlers: {} }))
  const offices = Array.from({ length: 150 }, (_, index) => {
    return defineModule({ contract: defineContract(`office-${index}`, {}), owner: "team-order", uses, handlers: {} })
  })
  const away = { modules: ["stock", ...contracts.map(({ name }) => name)] }
  const big = defineTopology({ name: "shop", modules: [calling, stock, ...stores, ...offices], services: { away } })
  expect(await placedIn(big, big)).toEqual(allGood)
})
