import { command, defineContract, defineModule, defineTopology, event, Fault, isFault, query, refusalOf } from "@hanok/contract"
import type { Adapter, Handler, Ports, Reaction, Transaction } from "@hanok/contract"
import { afterEach, expect, test } from "vitest"
import { z } from "zod"
import { createLog } from "../log.ts"
import { memoryStore } from "../memory/store.ts"
import { MemoryTable } from "../memory/table.ts"
import { createRecorder, newRootSpanIds } from "../recorder/index.ts"
import type { Recorder } from "../recorder/index.ts"
import { recording } from "../recorder/recording.fixture.ts"
import { openHost } from "./fixture.ts"
import { createHost } from "./host.ts"
import type { Host } from "./host.ts"

const stockContract = defineContract("stock", {
  stockOf: query({ input: z.object({ sku: z.string() }), output: z.object({ sku: z.string(), left: z.int() }), http: "GET /stock/{sku}" }),
  take: command({
    input: z.object({ sku: z.string(), quantity: z.int().positive().default(1) }),
    output: z.object({ left: z.int() }),
    refusals: { SOLD_OUT: z.object({ left: z.int() }) },
    http: "POST /stock/{sku}/take",
  }),
  internal: query({ input: z.object({}), output: z.object({}) }),
  slow: query({ input: z.object({}), output: z.object({}), timeoutMs: 30, http: "GET /slow" }),
  leaky: query({ input: z.object({}), output: z.object({ shown: z.string() }), http: "GET /leaky" }),
  broken: query({ input: z.object({}), output: z.object({ count: z.int() }), http: "GET /broken" }),
  taken: event(z.object({ sku: z.string(), quantity: z.int() }), { orderedBy: "sku" }),
})

type Level = { readonly sku: string; readonly left: number }
type Reads = { level(sku: string): Promise<Level | undefined> }
type Writes = { put(level: Level): Promise<void>; level(sku: string): Promise<Level | undefined> }

const stockStore = memoryStore<{ levels: MemoryTable<Level> }, Reads, Writes>({
  tables: () => ({ levels: new MemoryTable<Level>() }),
  read: ({ levels }) => ({ level: async (sku) => levels.get(sku) }),
  write: ({ levels }, changes) => ({
    level: async (sku) => levels.get(sku),
    put: async (level) => changes.put(levels, level.sku, level),
  }),
})

type StockPorts = Ports<typeof stockContract, {}, { store: typeof stockStore }>
const startLevel = 3

const take =
  ({ store, events }: StockPorts): Handler<typeof stockContract, "take"> =>
  async ({ sku, quantity }, context) =>
    store.transaction(context, async (tx: Writes & Transaction) => {
      const left = (await tx.level(sku))?.left ?? startLevel
      if (left < quantity) throw context.refusal("SOLD_OUT", { left })
      await tx.put({ sku, left: left - quantity })
      await events.taken(tx, { sku, quantity }, context)
      return { left: left - quantity }
    })

const stockModule = defineModule({
  contract: stockContract,
  owner: "team-stock",
  needs: { store: stockStore },
  handlers: {
    stockOf:
      ({ store }) =>
      async ({ sku }, context) => ({ sku, left: (await store.read(context).level(sku))?.left ?? startLevel }),
    take,
    internal: () => async () => ({}),
    slow: () => () => new Promise<never>(() => undefined),
    leaky: () => async () => ({ shown: "yes", secret: "no" }),
    broken: () => async () => ({ count: 0.5 }),
  },
})

const orderContract = defineContract("order", {
  buy: command({ input: z.object({ sku: z.string() }), output: z.object({ id: z.string(), left: z.int() }), http: "POST /orders" }),
})
const heard: string[] = []
const onTaken = (): Reaction<typeof stockContract, "taken"> => async (payload, context) => {
  heard.push(`${payload.sku} ${payload.quantity} ${context.trace.traceId}`)
}
const orderModule = defineModule({
  contract: orderContract,
  owner: "team-order",
  uses: { stock: stockContract },
  listens: { stock: stockContract },
  handlers: {
    buy:
      ({ stock }) =>
      async ({ sku }, context) => {
        const { left } = await stock.take({ sku }, context)
        return { id: context.newId(), left }
      },
  },
  reactions: { stock: { taken: onTaken } },
})

const topology = defineTopology({ modules: [stockModule, orderModule] })
const open: Host[] = []

async function host(recorder: Recorder = createRecorder({ resource: {} })): Promise<Host> {
  const log = createLog({ service: "main", instance: "1", level: "silent" })
  const remote = (service: string) => {
    throw new Fault("UNAVAILABLE", service)
  }
  const created = await createHost({ topology, service: "main", env: {}, recorder, log, remote })
  open.push(created)
  return created
}

function call(host: Host, name: `${string}.${string}`, input: unknown, idempotencyKey?: string): Promise<unknown> {
  const [contract = "", operation = ""] = name.split(".")
  const request = host.edge.entry({ name, target: { contract, operation } }).open(undefined)
  return request.call({ input, identity: undefined, idempotencyKey }).reply.finally(() => request.end(200))
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((host) => host.close({ graceMs: 0 })))
  heard.length = 0
})

test("a call reaches its handler with defaults applied and comes back parsed", async () => {
  expect(await call(await host(), "stock.take", { sku: "a" }, "k1")).toEqual({ left: 2 })
})

test("fields that the contract does not declare never leave the module", async () => {
  expect(await call(await host(), "stock.leaky", {})).toEqual({ shown: "yes" })
})

test("an invalid input names its field", async () => {
  const error = await call(await host(), "stock.take", { sku: "a", quantity: -1 }).catch((caught: unknown) => caught)
  expect(isFault(error, "INVALID_INPUT") && error.issues[0]?.field).toBe("/quantity")
})

test("an output that breaks the contract is a fault of that call", async () => {
  const error = await call(await host(), "stock.broken", {}).catch((caught: unknown) => caught)
  expect(isFault(error, "INVALID_OUTPUT")).toBe(true)
})

test("a refusal arrives typed by its code", async () => {
  const error = await call(await host(), "stock.take", { sku: "a", quantity: 9 }).catch((caught: unknown) => caught)
  const refused = refusalOf(stockContract, "take", error)
  expect(refused).toMatchObject({ code: "SOLD_OUT", details: { left: 3 } })
})

test("a handler that never answers is cut off at its deadline", async () => {
  const error = await call(await host(), "stock.slow", {}).catch((caught: unknown) => caught)
  expect(isFault(error, "DEADLINE_EXCEEDED")).toBe(true)
})

test("a refusal that a handler lets through undeclared becomes an internal fault", async () => {
  const running = await host()
  for (const key of ["1", "2", "3"]) await call(running, "order.buy", { sku: "b" }, key)
  const error = await call(running, "order.buy", { sku: "b" }, "4").catch((caught: unknown) => caught)
  expect(isFault(error, "INTERNAL")).toBe(true)
})

test("two identical keyed commands at once are applied once, with one answer and the same ids", async () => {
  const running = await host()
  const answers = await Promise.all([1, 2, 3].map(() => call(running, "order.buy", { sku: "c" }, "same")))
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(await call(running, "stock.stockOf", { sku: "c" })).toEqual({ sku: "c", left: 2 })
})

test("a refusal is an answer and no failure, and a fault is one: spans tell the code of either", async () => {
  const { recorder, spans } = recording()
  const running = await host(recorder)
  await call(running, "stock.take", { sku: "r", quantity: 9 }).catch(() => undefined)
  await call(running, "stock.broken", {}).catch(() => undefined)
  expect(spans).toContainEqual({ attributes: { "hanok.refusal": "SOLD_OUT" }, error: undefined })
  expect(spans).toContainEqual({
    attributes: { "error.type": "INVALID_OUTPUT" },
    error: expect.objectContaining({ code: "INVALID_OUTPUT" }),
  })
})

test("what came again after it was done is counted for its module, and its span says so", async () => {
  const { recorder, spans } = recording()
  const running = await host(recorder)
  const told = () => spans.some(({ attributes }) => attributes["hanok.repeated"] === true)
  await call(running, "stock.take", { sku: "r" }, "again")
  expect(told()).toBe(false)
  await call(running, "stock.take", { sku: "r" }, "again")
  expect(told()).toBe(true)
  const soldOut = { sku: "r", quantity: 9 }
  for (let time = 0; time < 3; time++) await call(running, "stock.take", soldOut, "refused").catch(() => undefined)
  expect(running.metrics()).toEqual([
    { module: "stock", repeated: 3, deliveries: undefined, reactions: [], jobs: [] },
    { module: "order", repeated: 0, deliveries: undefined, reactions: [], jobs: [] },
  ])
})

test("a key used again for another input is refused", async () => {
  const running = await host()
  await call(running, "stock.take", { sku: "d" }, "reused")
  const error = await call(running, "stock.take", { sku: "e" }, "reused").catch((caught: unknown) => caught)
  expect(isFault(error, "IDEMPOTENCY_KEY_REUSED")).toBe(true)
})

test("an event reaches its listener once, in the trace that caused it", async () => {
  const running = await host()
  running.start()
  await call(running, "order.buy", { sku: "f" }, "event")
  await expect.poll(() => heard.length).toBe(1)
  expect(heard[0]).toMatch(/^f 1 [0-9a-f]{32}$/)
})

test("a transaction that fails leaves neither data nor events", async () => {
  const running = await host()
  running.start()
  await call(running, "stock.take", { sku: "g", quantity: 9 }).catch(() => undefined)
  expect(await call(running, "stock.stockOf", { sku: "g" })).toEqual({ sku: "g", left: 3 })
  expect(heard).toEqual([])
})

test("a module that does not declare its use of a contract is refused", async () => {
  const running = await host()
  const call = { kind: "call", caller: "stock", contract: "order", operation: "buy", subscriber: undefined, input: { sku: "x" } } as const
  const rest = { remainingMs: 1000, trace: newRootSpanIds(), identity: undefined, idempotencyKey: undefined }
  const error = await running.seam.send({ ...call, ...rest }).reply.catch((caught: unknown) => caught)
  expect(isFault(error, "FORBIDDEN") && error.message).toContain("does not declare order in its `uses`")
})

test("an operation without a route cannot be called from outside", async () => {
  const error = await call(await host(), "stock.internal", {}).catch((caught: unknown) => caught)
  expect(isFault(error, "UNKNOWN_OPERATION")).toBe(true)
})

test("however many ask at once whether it is ready, each need is asked once, and again by who comes after that", async () => {
  const asked: (() => void)[] = []
  const clock: Adapter<object> = {
    kind: "adapter",
    technology: "clock",
    create: async () => ({ port: {}, ready: () => new Promise<void>((ready) => asked.push(ready)) }),
  }
  const module = defineModule({ contract: defineContract("clock", {}), owner: "team-clock", needs: { clock }, handlers: {} })
  const asking = await openHost(defineTopology({ modules: [module] }))
  const answers = Array.from({ length: 100 }, () => asking.unready())
  await expect.poll(() => asked.length).toBe(1)
  asked[0]?.()
  expect((await Promise.all(answers)).flat()).toEqual([])
  const later = asking.unready()
  await expect.poll(() => asked.length).toBe(2)
  asked[1]?.()
  expect(await later).toEqual([])
})
