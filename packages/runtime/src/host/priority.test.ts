import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import type { Context, Priority } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { newRootSpanIds } from "../recorder/index.ts"
import type { SeamCall } from "../seam/seam.ts"
import { openHost } from "./fixture.ts"

const nothing = { input: z.object({}), output: z.object({}) }
const farContract = defineContract("far", { look: query({ ...nothing, priority: "low" }) })
const shopContract = defineContract("shop", {
  pay: query({ ...nothing, priority: "high", http: "GET /pay" }),
  browse: query({ ...nothing, priority: "low", http: "GET /browse" }),
  between: query({ ...nothing, priority: "normal" }),
})

/** A host of `shop`, whose operations all look at `far`; the calls that left for it, and ways to ask. */
async function open() {
  const sent: SeamCall[] = []
  let ticked = false
  const shop = defineModule({
    contract: shopContract,
    owner: "a",
    uses: { far: farContract, shop: shopContract },
    handlers: {
      pay: (ports) => async (_: object, context: Context) => ports.shop.between({}, context),
      browse: (ports) => async (_: object, context: Context) => ports.shop.between({}, context),
      between: (ports) => async (_: object, context: Context) => ports.far.look({}, context),
    },
    jobs: {
      look: {
        everyMs: 100,
        run: (ports) => async (context) => {
          if (!ticked) await ports.far.look({}, context)
          ticked = true
        },
      },
    },
  })
  const far = defineModule({ contract: farContract, owner: "a", handlers: { look: () => async () => ({}) } })
  const topology = defineTopology({ modules: [shop, far], services: { far: { modules: ["far"] } } })
  const send = (call: SeamCall) => {
    sent.push(call)
    return { reply: Promise.resolve({}), cancel: () => undefined }
  }
  const host = await openHost(topology, () => ({ send }))
  const ask = async (operation: string) => {
    const request = host.edge.entry({ name: operation, target: { contract: "shop", operation } }).open(undefined)
    await request.call({ input: {}, identity: undefined, idempotencyKey: undefined }).reply
    request.end(200)
  }
  return { host, ask, priorities: () => sent.map(({ priority }) => priority) }
}

test("what is called for a request has the priority of the operation through which it came in", async () => {
  const { ask, priorities } = await open()
  await ask("pay")
  await ask("browse")
  expect(priorities()).toEqual(["high", "low"])
})

test.each<[Priority | undefined, Priority]>([
  ["high", "high"],
  ["low", "low"],
  [undefined, "normal"],
])("what comes from another process with the priority %s goes on with %s", async (priority, further) => {
  const { host, priorities } = await open()
  const call = { caller: "shop", kind: "call", contract: "shop", operation: "between", subscriber: undefined, input: {} } as const
  await host.seam.send({ ...call, remainingMs: 1_000, trace: newRootSpanIds(), identity: undefined, idempotencyKey: undefined, priority })
    .reply
  expect(priorities()).toEqual([further])
})

test("what a job calls has the operation's own priority", async () => {
  const { host, priorities } = await open()
  host.start()
  await expect.poll(priorities).toEqual(["low"])
})
