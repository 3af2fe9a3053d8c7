import { command, defineContract, defineModule, defineTopology, event } from "@hanok/contract"
import type { HandlerContext } from "@hanok/contract"
import { expect, onTestFinished, test, vi } from "vitest"
import { z } from "zod"
import { memoryStore } from "../memory/store.ts"
import { openHost } from "./fixture.ts"

const none = z.object({})
const auditContract = defineContract("audit", { record: command({ input: z.object({ what: z.string() }), output: none }) })
const workContract = <Name extends string>(name: Name) =>
  defineContract(name, {
    begin: command({ input: none, output: z.object({ id: z.string() }) }),
    begun: event(z.object({ what: z.string() })),
  })
const paymentContract = workContract("payment")
const deliveryContract = workContract("delivery")
const orderContract = defineContract("order", {
  place: command({ input: none, output: z.object({ ids: z.array(z.string()) }), http: "POST /orders" }),
})
const mailContract = defineContract("mail", {})

const store = () => memoryStore({ tables: () => ({}), read: () => ({}), write: () => ({}) })
const everyMs = 30_000

/**
 * A host of `payment` and `delivery`, which do the same: they note in `audit` what they begin, and tell `mail` of it, as a command and
 * as a job of one name. `order` has both begin under one key.
 */
async function open() {
  const recorded: string[] = []
  const mailed: string[] = []
  const jobKeys = new Set<string | undefined>()
  const audit = defineModule({
    contract: auditContract,
    owner: "a",
    handlers: {
      record:
        () =>
        async ({ what }) => (recorded.push(what), {}),
    },
  })
  const worker = (contract: typeof paymentContract | typeof deliveryContract) =>
    defineModule({
      contract: contract as typeof paymentContract,
      owner: "a",
      needs: { store: store() },
      uses: { audit: auditContract },
      handlers: {
        begin: (ports) => async (_, context) => {
          await ports.audit.record({ what: contract.name }, context)
          await ports.store.transaction(context, (tx) => ports.events.begun(tx, { what: contract.name }, context))
          return { id: context.newId() }
        },
      },
      jobs: {
        remind: {
          everyMs,
          run: (ports) => async (context) => {
            const what = `${contract.name}'s job`
            jobKeys.add(context.idempotencyKey)
            await ports.audit.record({ what }, context)
            await ports.store.transaction(context, (tx) => ports.events.begun(tx, { what }, context))
          },
        },
      },
    })
  const order = defineModule({
    contract: orderContract,
    owner: "a",
    uses: { payment: paymentContract, delivery: deliveryContract },
    handlers: {
      place:
        ({ payment, delivery }) =>
        async (_, context: HandlerContext) => {
          const key = { idempotencyKey: "order 1" }
          return { ids: [(await payment.begin({}, context, key)).id, (await delivery.begin({}, context, key)).id] }
        },
    },
  })
  const onBegun =
    () =>
    async ({ what }: { readonly what: string }) =>
      void mailed.push(what)
  const mail = defineModule({
    contract: mailContract,
    owner: "a",
    listens: { payment: paymentContract, delivery: deliveryContract },
    handlers: {},
    reactions: { payment: { begun: onBegun }, delivery: { begun: onBegun } },
  })
  const host = await openHost(defineTopology({ modules: [audit, worker(paymentContract), worker(deliveryContract), order, mail] }))
  const place = () => {
    const request = host.edge.entry({ name: "POST /orders", target: { contract: "order", operation: "place" } }).open(undefined)
    return request.call({ input: {}, identity: undefined, idempotencyKey: undefined }).reply.finally(() => request.end(200))
  }
  return { host, recorded, mailed, jobKeys, place }
}

test("modules that are called under one key have ids, commands and events of their own", async () => {
  const { host, recorded, mailed, place } = await open()
  host.start()
  const { ids } = (await place()) as { readonly ids: readonly string[] }
  expect(new Set(ids).size).toBe(2)
  expect(recorded).toEqual(["payment", "delivery"])
  await expect.poll(() => mailed.toSorted()).toEqual(["delivery", "payment"])
})

test("jobs of one name, in two modules, have keys, commands and events of their own", async () => {
  vi.useFakeTimers({ now: 0, toFake: ["setInterval", "clearInterval", "Date"] })
  onTestFinished(() => void vi.useRealTimers())
  const { host, recorded, mailed, jobKeys } = await open()
  host.start()
  await vi.advanceTimersByTimeAsync(everyMs)
  await expect.poll(() => recorded.toSorted()).toEqual(["delivery's job", "payment's job"])
  await expect.poll(() => mailed.toSorted()).toEqual(["delivery's job", "payment's job"])
  expect(jobKeys.size).toBe(2)
})
