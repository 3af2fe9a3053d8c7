import { command, defineContract, defineModule, defineTopology, event, Fault } from "@hanok/contract"
import type { Adapter, EventEnvelope, Module, Topology } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import { createLog } from "../log.ts"
import { createMemoryJournal } from "../memory/journal.ts"
import { createMemoryOutbox } from "../memory/outbox.ts"
import type { MemoryOutbox } from "../memory/outbox.ts"
import { memoryStore } from "../memory/store.ts"
import { newRootSpanIds } from "../recorder/index.ts"
import { startService } from "./service.ts"
import type { RunningService } from "./service.ts"

const env = { HANOK_SECRET: "a secret for this test alone, 32 characters" }
const log = createLog({ service: "test", instance: "test", level: "silent" })
const none = z.object({})
const place = command({ input: none, output: none, http: "POST /orders" })
const orderContract = defineContract("order", { place, placed: event(z.object({ orderId: z.string() })) })
/** Tells more than anybody tells now. */
const formerContract = defineContract("order", { place, placed: event(z.object({ orderId: z.string(), total: z.int() })) })
const noticeContract = defineContract("notice", {})
const mailContract = defineContract("mail", {})

const order = defineModule({
  contract: orderContract,
  owner: "team-order",
  needs: { store: memoryStore({ tables: () => ({}), read: () => ({}), write: () => ({}) }) },
  handlers: {
    place: (ports) => async (_, context) => {
      await ports.store.transaction(context, (tx) => ports.events.placed(tx, { orderId: "1" }, context))
      return {}
    },
  },
})
const listening = (told: (orderId: string) => void, contract = orderContract) =>
  defineModule({
    contract: noticeContract,
    owner: "team-notice",
    listens: { order: contract },
    handlers: {},
    reactions: {
      order: {
        placed:
          () =>
          async ({ orderId }) =>
            told(orderId),
      },
    },
  })
const deaf = defineModule({ contract: noticeContract, owner: "team-notice", handlers: {} })
const idle = defineModule({ contract: noticeContract, owner: "team-notice", listens: { order: orderContract }, handlers: {} })
const mail = defineModule({ contract: mailContract, owner: "team-mail", handlers: {} })

/** `order` in the service `main`, and `notice`, as it is, in `away`, in which `hosted` live. */
const topologyOf = (notice: Module, hosted = ["notice"], emitter: Module = order): Topology =>
  defineTopology({
    name: "shop",
    modules: [emitter, notice, mail],
    services: { away: { modules: hosted }, ...(hosted.includes("notice") ? {} : { third: { modules: ["notice"] } }) },
  })

const book = () => {
  const made = createAddressBook()
  onTestFinished(() => made.close())
  return made
}

async function start(topology: Topology, service: string, discovery = book()): Promise<RunningService> {
  const started = await startService({ topology, service, env, discovery, log, gatewayPort: 0 })
  onTestFinished(() => started.close({ graceMs: 0 }))
  return started
}

const call = { caller: "gateway", kind: "call", contract: "order", operation: "place", subscriber: undefined, input: {} } as const
const placeOrder = ({ host }: RunningService) =>
  host.seam.send({ ...call, remainingMs: 5_000, trace: newRootSpanIds(), identity: undefined, idempotencyKey: undefined }).reply

const deliveriesOf = (service: RunningService) => service.metrics().modules.find(({ module }) => module === "order")?.deliveries

test.each([
  ["does not react to it yet", topologyOf(idle)],
  ["does not listen yet", topologyOf(deaf)],
  [
    "reads what is no longer told",
    topologyOf(
      listening(() => undefined, formerContract as unknown as typeof orderContract),
      ["notice"],
      defineModule({ contract: formerContract, owner: "team-order", handlers: { place: () => async () => ({}) } }),
    ),
  ],
  [
    "has the module in another service",
    topologyOf(
      listening(() => undefined),
      ["mail"],
    ),
  ],
])("an event waits, and is not counted as failed, while its subscriber's service runs a version that %s", async (_what, former) => {
  const told: string[] = []
  const topology = topologyOf(listening((orderId) => told.push(orderId)))
  const discovery = book()
  const emitter = await start(topology, "main", discovery)
  discovery.update({ away: [(await start(former, "away")).seamAddress] })
  await placeOrder(emitter)
  await expect.poll(() => deliveriesOf(emitter)).not.toEqual({ delivered: 0, failed: 0, postponed: 0, parked: 0 })
  expect(deliveriesOf(emitter)).toMatchObject({ failed: 0, parked: 0 })
  discovery.update({ away: [(await start(topology, "away")).seamAddress] })
  await expect.poll(() => told).toEqual(["1"])
  expect(deliveriesOf(emitter)).toMatchObject({ failed: 0, parked: 0 })
})

/** One process with `order`, whose outbox it shares with other versions, and with what else there is in its version. */
const versionOf = (outbox: MemoryOutbox, others: readonly Module[]): Topology => {
  const store: Adapter<object> = {
    kind: "adapter",
    technology: "memory",
    create: async () => ({ port: {}, journal: createMemoryJournal(), outbox }),
  }
  const emitting = defineModule({
    contract: orderContract,
    owner: "team-order",
    needs: { store },
    handlers: { place: () => async () => ({}) },
  })
  return defineTopology({ name: "shop", modules: [emitting, ...others] })
}

const emitted = (occurredAt: number, id = "1"): EventEnvelope => ({
  id,
  contract: "order",
  event: "placed",
  payload: { orderId: "1" },
  orderingKey: undefined,
  occurredAt,
  trace: { traceId: "1".repeat(32), spanId: "1".repeat(16) },
})

const unaware: readonly (readonly [string, readonly Module[]])[] = [
  ["has no subscriber of that name", [mail]],
  ["does not let it listen", [deaf]],
  ["does not let it react", [idle]],
]

test.each(unaware)(
  "an event that a later version has emitted waits for that, and is not counted as failed, where the one that takes it %s",
  async (_what, others) => {
    const outbox = createMemoryOutbox()
    const former = await start(versionOf(outbox, others), "main")
    outbox.commit([[emitted(Date.now()), ["notice"]]])
    await expect.poll(() => deliveriesOf(former)?.postponed).toBeGreaterThan(0)
    expect(deliveriesOf(former)).toMatchObject({ failed: 0, parked: 0 })
    const told: string[] = []
    await start(versionOf(outbox, [listening((orderId) => told.push(orderId))]), "main")
    // Both look at the same moments, being in one process: the former may always be the first.
    await expect.poll(() => told).toEqual(["1"])
    outbox.commit(["2", "3", "4"].map((id) => [emitted(Date.now(), id), ["notice"]]))
    await expect.poll(() => told.length).toBe(4)
  },
)

test.each(unaware)("an event that nobody has taken for an hour has failed where the version %s", async (_what, others) => {
  const outbox = createMemoryOutbox()
  const only = await start(versionOf(outbox, others), "main")
  outbox.commit([[emitted(Date.now() - 3_600_001), ["notice"]]])
  await expect.poll(() => deliveriesOf(only)?.failed).toBeGreaterThan(0)
})

test("a reaction that fails with what a door answers has failed", async () => {
  const topology = topologyOf(
    listening(() => {
      throw new Fault("FORBIDDEN", "The event speaks for nobody.")
    }),
  )
  const discovery = book()
  const emitter = await start(topology, "main", discovery)
  discovery.update({ away: [(await start(topology, "away")).seamAddress] })
  await placeOrder(emitter)
  await expect.poll(() => deliveriesOf(emitter)?.failed).toBeGreaterThan(0)
})

test("of an event that an earlier version has left behind, and that does not fit, it is told what does not", async () => {
  const { host } = await start(topologyOf(listening(() => undefined)), "away")
  const left = { ...call, kind: "event", caller: "order", operation: "placed", subscriber: "notice", input: { order: "1" } } as const
  const { reply } = host.seam.send({ ...left, remainingMs: 5_000, trace: newRootSpanIds(), identity: undefined, idempotencyKey: "event 1" })
  await expect(reply).rejects.toThrow("The payload of order.placed is not valid: /orderId: ")
})
