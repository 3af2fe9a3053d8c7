import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import type { HandlerContext } from "@hanok/contract"
import { z } from "zod"
import { Order, OrderInput } from "./work.ts"

export const orderContract = defineContract("order", { place: query({ input: OrderInput, output: Order }) })

const shopContract = defineContract("shop", { work: query({ input: z.object({}), output: z.object({}) }) })

export type PlaceOrder = (input: OrderInput) => Promise<Order>

interface Shape {
  readonly handler: (input: OrderInput) => Promise<Order> | Order
  readonly isSplit: boolean
}

/** Two modules; the one runs `work` within a request and calls the other from it, in the same process or in another. */
export function topologyOf(work: (place: PlaceOrder) => Promise<void>, { handler, isSplit }: Shape) {
  const orderModule = defineModule({ contract: orderContract, owner: "bench", handlers: { place: () => handler } })
  const shopModule = defineModule({
    contract: shopContract,
    owner: "bench",
    uses: { order: orderContract },
    handlers: {
      work: (ports) => async (_: object, context: HandlerContext) => {
        await work((input) => ports.order.place(input, context))
        return {}
      },
    },
  })
  return defineTopology({
    name: "bench",
    modules: [orderModule, shopModule],
    services: isSplit ? { order: { modules: ["order"] } } : {},
    gateway: { service: "outside" },
  })
}

/** A call of `shop.work`, as if another service made it. */
export const workCall = {
  caller: "bench",
  uses: ["shop"],
  kind: "call",
  contract: "shop",
  operation: "work",
  subscriber: undefined,
  input: {},
  remainingMs: 600_000,
  identity: { subject: "customer-1", roles: ["customer"] },
  idempotencyKey: undefined,
} as const
