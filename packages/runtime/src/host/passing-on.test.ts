import { command, defineContract, defineModule, defineTopology, event, Fault, isFault, isRefusal, query } from "@hanok/contract"
import type { Context } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import type { AddressBook } from "../discovery/address-book.ts"
import { createLog } from "../log.ts"
import { newRootSpanIds } from "../recorder/index.ts"
import { recording } from "../recorder/recording.fixture.ts"
import { JsonText } from "../seam/json-text.ts"
import type { SeamCall } from "../seam/seam.ts"
import { singleReplica } from "../seam/single-replica.fixture.ts"
import { callerOf, callOf, helloFrame, oddPeer, outcome, secret } from "../wire/fixture.ts"
import { signServiceToken } from "../wire/service-token.ts"
import { createHost } from "./host.ts"
import { startService } from "./service.ts"
import type { RunningService } from "./service.ts"

const stockContract = defineContract("stock", {
  left: query({ input: z.object({ sku: z.string() }), output: z.object({ left: z.int() }) }),
  name: query({ input: z.object({ sku: z.string() }), output: z.object({ name: z.string() }) }),
  take: command({ input: z.object({ sku: z.string() }), output: z.object({}), refusals: { SOLD_OUT: z.object({ sku: z.string() }) } }),
  wait: query({ input: z.object({}), output: z.object({}) }),
})
const orderContract = defineContract("order", { placed: event(z.object({ sku: z.string() })) })
const env = { HANOK_SECRET: secret, HANOK_GATEWAY_PORT: "0", HANOK_LOG_LEVEL: "silent" }
const idle = (name: string) => defineModule({ contract: defineContract(name, {}), owner: "team-idle", handlers: {} })

/** What the module that moves has been asked, wherever it lived. */
interface Asked {
  readonly operation: string
  readonly context: Context
}

/** Starts services, each as it is when `stock` lives in that home. */
function fleet(book: AddressBook = createAddressBook()) {
  const asked: Asked[] = []
  const addresses = new Map<string, RunningService["seamAddress"]>()
  const ask = (operation: string, context: Context) => void asked.push({ operation, context })
  const order = defineModule({ contract: orderContract, owner: "team-order", uses: { stock: stockContract }, handlers: {} })
  const stock = defineModule({
    contract: stockContract,
    owner: "team-stock",
    listens: { order: orderContract },
    handlers: {
      name: () => () => ({ name: "half \ud800" }),
      left: () => async (_, context) => (ask("left", context), { left: 7 }),
      take: () => async (input, context) => {
        ask("take", context)
        throw context.refusal("SOLD_OUT", input)
      },
      wait: () => async (_, context) => {
        ask("wait", context)
        return new Promise<never>(() => undefined)
      },
    },
    reactions: { order: { placed: () => async (_, context) => ask("placed", context) } },
  })
  const topologyOf = (home: "old" | "new") =>
    defineTopology({
      modules: [order, stock, idle("west"), idle("east")],
      services: {
        old: { modules: ["west", ...(home === "old" ? ["stock"] : [])] },
        new: { modules: ["east", ...(home === "new" ? ["stock"] : [])] },
      },
    })
  const addressesOf = () => Object.fromEntries([...addresses].map(([name, address]) => [name, [address]]))
  return {
    asked,
    topologyOf,
    addressesOf,
    async start(service: "old" | "new", home: "old" | "new") {
      const running = await startService({ topology: topologyOf(home), service, env, discovery: book })
      onTestFinished(() => running.close({ graceMs: 0 }))
      addresses.set(service, running.seamAddress)
      book.update(addressesOf())
      return running
    },
    /** Who calls with the topology of before. */
    callerOf: (callee: RunningService) =>
      callerOf([], { topology: topologyOf("old"), book: createAddressBook({ echo: [callee.seamAddress] }) }),
  }
}

const toStock = (operation: string, more: Partial<SeamCall> = {}) => callOf({ sku: "soap" }, { contract: "stock", operation, ...more })
const placed = { kind: "event", contract: "order", operation: "placed", subscriber: "stock" } as const

test("a call for a module that has moved is passed on to its new service, with all that belongs to it", async () => {
  const { start, callerOf, asked } = fleet()
  await start("new", "new")
  const old = await start("old", "new")
  const caller = callerOf(old)
  const trace = newRootSpanIds()
  expect(await caller.send(toStock("left", { trace })).reply).toEqual({ left: 7 })
  const { context } = asked[0] ?? expect.fail()
  expect([context.identity, context.trace.traceId]).toEqual([{ subject: "customer-7", roles: ["customer"] }, trace.traceId])
  expect(context.deadlineAt).toBeLessThanOrEqual(Date.now() + 5_000)
  const refused = await outcome(caller.send(toStock("take")))
  expect(isRefusal(refused) && [refused.contract, refused.code, refused.details]).toEqual(["stock", "SOLD_OUT", { sku: "soap" }])
  expect(asked.at(-1)?.context.idempotencyKey).toBe("key-1")
  const broken = await outcome(caller.send(callOf({}, { contract: "stock", operation: "left" })))
  expect(isFault(broken, "INVALID_INPUT") && broken.issues.map(({ field }) => field)).toEqual(["/sku"])
  expect(old.metrics().seams).toMatchObject([{ caller: "order", contract: "stock", service: "new", calls: 3, passedOn: 3 }])
})

test("to a gateway, an output that is passed on comes byte for byte as it left", async () => {
  const { start, callerOf } = fleet()
  await start("new", "new")
  const output = await callerOf(await start("old", "new")).send(toStock("name", { wantsJson: true })).reply
  expect(output).toEqual(new JsonText('{"name":"half \\ud800"}'))
})

test("an event is passed on to where its subscriber lives by now", async () => {
  const { start, callerOf, asked } = fleet()
  await start("new", "new")
  await callerOf(await start("old", "new")).send(callOf({ sku: "soap" }, { ...placed, idempotencyKey: "event 1 for stock" })).reply
  expect(asked.map(({ operation, context }) => [operation, context.idempotencyKey])).toEqual([["placed", "event 1 for stock"]])
})

test("a call that its caller gives up is given up where it was passed on to, too", async () => {
  const { start, callerOf, asked } = fleet()
  await start("new", "new")
  const pending = callerOf(await start("old", "new")).send(toStock("wait"))
  await expect.poll(() => asked.length).toBe(1)
  pending.cancel()
  expect(isFault(await outcome(pending), "CANCELLED")).toBe(true)
  await expect.poll(() => asked[0]?.context.signal.aborted).toBe(true)
})

test("a call that comes back to a service where its module is not yet is passed on to where that still is", async () => {
  const { start, callerOf } = fleet()
  await start("old", "old")
  expect(await callerOf(await start("new", "old")).send(toStock("left")).reply).toEqual({ left: 7 })
})

test("a call is passed on once at most, and never begun where two services each take the other for its module's home", async () => {
  const { start, callerOf, asked } = fleet()
  const services = [await start("old", "new"), await start("new", "old")]
  for (const [index, service] of services.entries()) {
    const failed = await outcome(callerOf(service).send(toStock("left")))
    const home = index === 0 ? "new" : "old"
    const message = `No replica of ${home} that has stock can be reached; the call was not sent.`
    expect(isFault(failed, "UNAVAILABLE") && failed.message).toBe(message)
    const told = await outcome(service.host.seam.send(toStock("left", { passedOn: true })))
    expect(isFault(told, "UNAVAILABLE") && told.message).toContain("stock.left was passed on to the service")
  }
  expect(asked).toEqual([])
})

test("a service without modules passes on what is for those that it had", async () => {
  const { start, callerOf, topologyOf, addressesOf } = fleet()
  await start("new", "new")
  const { modules } = topologyOf("new")
  const emptied = defineTopology({ modules, services: { old: { modules: [] }, new: { modules: ["east", "stock"] } } })
  const running = await startService({ topology: emptied, service: "old", env, discovery: createAddressBook(addressesOf()) })
  onTestFinished(() => running.close({ graceMs: 0 }))
  expect(await callerOf(running).send(toStock("left")).reply).toEqual({ left: 7 })
})

test("a call waits for a service that its module has moved to and that is only starting", async () => {
  const { start, callerOf } = fleet()
  const pending = callerOf(await start("old", "new")).send(toStock("left"))
  await start("new", "new")
  expect(await pending.reply).toEqual({ left: 7 })
})

test("of replicas of two topologies, a call is passed on to those that have its module", async () => {
  const book = createAddressBook()
  const { start, callerOf, asked } = fleet(book)
  const replicas = [await start("new", "old"), await start("new", "new")]
  const old = await start("old", "new")
  book.update({ old: [old.seamAddress], new: replicas.map(({ seamAddress }) => seamAddress) })
  const caller = callerOf(old)
  await expect
    .poll(async () => (await outcome(caller.send(toStock("left"))), old.metrics().replicas.filter(({ isReady }) => isReady).length))
    .toBe(2)
  asked.length = 0
  for (let call = 0; call < 50; call++) expect(await caller.send(toStock("left")).reply).toEqual({ left: 7 })
  expect(asked).toHaveLength(50)
})

test("a service of a version that knows nothing of this gets nothing that is passed on", async () => {
  const old = await oddPeer((socket) => void socket.write(helloFrame()))
  const book = createAddressBook({ new: [old.address] })
  const { topologyOf, callerOf } = fleet()
  const service = await startService({ topology: topologyOf("new"), service: "old", env, discovery: book })
  onTestFinished(() => service.close({ graceMs: 0 }))
  const failed = await outcome(callerOf(service).send(toStock("left")))
  expect(isFault(failed, "UNAVAILABLE") && failed.message).toContain("No replica of new that has stock")
})

test("a program outside the topology goes on calling the service where the module was, as far as its token lets it", async () => {
  const { start } = fleet()
  await start("new", "new")
  const { seamAddress } = await start("old", "new")
  const ask = async (uses: readonly string[]) => {
    const token = await signServiceToken({ secret, identity: { name: "report", modules: [], uses } })
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" }
    const url = `http://127.0.0.1:${seamAddress.port}/rpc/stock/left`
    const response = await fetch(url, { method: "POST", headers, body: '{"sku":"soap"}' })
    return [response.status, await response.json()]
  }
  expect(await ask(["stock"])).toEqual([200, { left: 7 }])
  expect(await ask(["order"])).toMatchObject([403, { code: "FORBIDDEN" }])
})

test("nobody but a service passes calls of others on", async () => {
  const { start, topologyOf } = fleet()
  const home = await start("new", "new")
  const book = createAddressBook({ echo: [home.seamAddress] })
  const program = callerOf([], { topology: topologyOf("new"), book, modules: [], identity: { uses: ["order"] } })
  for (const caller of ["order", "shop"]) {
    const failed = await outcome(program.send(toStock("left", { caller, passedOn: true })))
    expect(isFault(failed, "FORBIDDEN")).toBe(true)
  }
})

test("a call that may not be made is not passed on, nor one of an operation that there is not", async () => {
  const { start } = fleet()
  await start("new", "new")
  const { host } = await start("old", "new")
  const codeOf = async (more: Partial<SeamCall>) => {
    const failed = await outcome(host.seam.send(toStock("left", more)))
    return failed instanceof Fault ? failed.code : failed
  }
  expect(await codeOf({ caller: "west" })).toBe("FORBIDDEN")
  expect(await codeOf({ operation: "right" })).toBe("UNKNOWN_OPERATION")
  expect(await codeOf({ ...placed, operation: "lost" })).toBe("UNKNOWN_OPERATION")
  expect(await codeOf({ ...placed, subscriber: "west" })).toBe("FORBIDDEN")
})

test("what is passed on has a span that says where to", async () => {
  const { topologyOf } = fleet()
  const { recorder, spans } = recording()
  const log = createLog({ service: "old", instance: "1", level: "silent" })
  const elsewhere = await createHost({
    topology: topologyOf("new"),
    service: "new",
    env: {},
    recorder: recording().recorder,
    log,
    remote: () => expect.fail("All that is asked for is here."),
  })
  const remote = () => singleReplica(elsewhere.seam)
  const host = await createHost({ topology: topologyOf("new"), service: "old", env: {}, recorder, log, remote })
  onTestFinished(async () => void (await Promise.all([host.close({ graceMs: 0 }), elsewhere.close({ graceMs: 0 })])))
  await host.seam.send(toStock("left")).reply
  expect(spans).toEqual([{ attributes: { "hanok.passed_on": "new" }, error: undefined }])
})
