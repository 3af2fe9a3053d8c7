import { command, defineContract, defineModule, defineTopology, event, query } from "@hanok/contract"
import type { Reaction } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { memoryStore } from "../memory/store.ts"
import { openHost } from "./fixture.ts"

const none = z.object({})
const orderContract = defineContract("order", { place: command({ input: none, output: none, http: "POST /orders" }), placed: event(none) })
const stockContract = defineContract("stock", { shelf: query({ input: none, output: none, refusals: { UNKNOWN: none } }) })
const parcelContract = defineContract("parcel", {})

test("a reaction that let a refusal of another module through is carried out again, and not taken for done", async () => {
  let asked = 0
  const packed: string[] = []
  const order = defineModule({
    contract: orderContract,
    owner: "a",
    needs: { store: memoryStore({ tables: () => ({}), read: () => ({}), write: () => ({}) }) },
    handlers: {
      place: (ports) => async (_, context) => {
        await ports.store.transaction(context, (tx) => ports.events.placed(tx, {}, context))
        return {}
      },
    },
  })
  const stock = defineModule({
    contract: stockContract,
    owner: "a",
    handlers: {
      shelf: () => async (_, context) => {
        if (asked++ === 0) throw context.refusal("UNKNOWN", {})
        return {}
      },
    },
  })
  const parcel = defineModule({
    contract: parcelContract,
    owner: "a",
    uses: { stock: stockContract },
    listens: { order: orderContract },
    handlers: {},
    reactions: {
      order: {
        placed:
          (ports): Reaction<typeof orderContract, "placed"> =>
          async (_, context) => {
            await ports.stock.shelf({}, context)
            packed.push("parcel")
          },
      },
    },
  })
  const host = await openHost(defineTopology({ modules: [order, stock, parcel] }))
  host.start()
  const request = host.edge.entry({ name: "POST /orders", target: { contract: "order", operation: "place" } }).open(undefined)
  await request.call({ input: {}, identity: undefined, idempotencyKey: undefined }).reply
  request.end(200)
  await expect.poll(() => packed).toEqual(["parcel"])
})
