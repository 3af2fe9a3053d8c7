import { command, defineContract, defineModule, defineTopology, event } from "@hanok/contract"
import { postgres } from "@hanok/postgres"
import { createAddressBook, startService } from "@hanok/runtime"
import type { RunningService } from "@hanok/runtime"
import { z } from "zod"

const Order = z.object({ orderId: z.string(), atMs: z.number(), note: z.string() })
const orderContract = defineContract("order", {
  pay: command({ input: z.object({ orderId: z.string() }), output: z.object({}), http: "POST /pay", access: "public" }),
  cancel: command({ input: z.object({ count: z.int() }), output: z.object({}), http: "POST /cancel", access: "public" }),
  paid: event(Order, { orderedBy: "orderId" }),
  cancelled: event(Order, { orderedBy: "orderId" }),
})
const deliveryContract = defineContract("delivery", {})
const giftContract = defineContract("gift", {})

/** An order module whose events go to a module in its own process, and to one in a service that was there and is gone. */
export interface Shop {
  pay(orderId: string): Promise<void>
  /** As many events for the one that is gone. */
  cancel(count: number): Promise<void>
  /** What the one that is there was told of, and how long after it was paid, in milliseconds. */
  readonly delays: readonly number[]
  /** Deliveries to the one that is gone that were tried. */
  tried(): number
  close(): Promise<void>
}

export async function openShop(databaseUrl: string, migrations: URL): Promise<Shop> {
  const delays: number[] = []
  const topology = topologyOf(migrations, (atMs) => void delays.push(performance.now() - atMs))
  const env = { DATABASE_URL: databaseUrl, HANOK_SECRET: "a secret for this benchmark alone, 32 characters", HANOK_LOG_LEVEL: "error" }
  const discovery = createAddressBook()
  const gone = await startService({ topology, service: "gift", env, discovery: createAddressBook() })
  if (gone.seamAddress) discovery.update({ gift: [gone.seamAddress] })
  const service = await startService({ topology, service: "main", env, discovery, gatewayPort: 0 })
  await post(service, "cancel", { count: 1 })
  await gone.close({ graceMs: 1_000 })
  return {
    pay: (orderId) => post(service, "pay", { orderId }),
    cancel: (count) => post(service, "cancel", { count }),
    delays,
    tried: () => service.metrics().modules.find(({ module }) => module === "order")?.deliveries?.postponed ?? 0,
    close: () => service.close({ graceMs: 1_000 }),
  }
}

function topologyOf(migrations: URL, told: (atMs: number) => void) {
  const order = (orderId: string) => ({ orderId, atMs: performance.now(), note: "x".repeat(200) })
  return defineTopology({
    name: "bench",
    modules: [
      defineModule({
        contract: orderContract,
        owner: "bench",
        needs: { store: postgres({ migrations, read: () => ({}), write: () => ({}) }) },
        handlers: {
          pay:
            ({ store, events }) =>
            async ({ orderId }, context) => {
              await store.transaction(context, (tx) => events.paid(tx, order(orderId), context))
              return {}
            },
          cancel:
            ({ store, events }) =>
            async ({ count }, context) => {
              await store.transaction(context, async (tx) => {
                for (let number = 0; number < count; number++) await events.cancelled(tx, order(context.newId()), context)
              })
              return {}
            },
        },
      }),
      defineModule({
        contract: deliveryContract,
        owner: "bench",
        listens: { order: orderContract },
        handlers: {},
        reactions: {
          order: {
            paid:
              () =>
              async ({ atMs }) =>
                told(atMs),
          },
        },
      }),
      defineModule({
        contract: giftContract,
        owner: "bench",
        listens: { order: orderContract },
        handlers: {},
        reactions: { order: { cancelled: () => async () => undefined } },
      }),
    ],
    services: { gift: { modules: ["gift"] } },
    gateway: { requestsPerSecond: 0 },
  })
}

async function post({ gatewayUrl }: RunningService, path: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" }
  const { status } = await fetch(`${gatewayUrl}/${path}`, { method: "POST", headers, body: JSON.stringify(body) })
  if (status !== 200) throw new Error(`POST /${path} was answered with ${status}.`)
}
