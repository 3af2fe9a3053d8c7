import { command, defineContract, defineModule, defineTopology, event, query } from "@hanok/contract"
import type { TopologyOptions } from "@hanok/contract"
import { z } from "zod"

const Order = z.object({ orderId: z.string() })
const orderContract = defineContract("order", {
  orderById: query({ input: Order, output: Order }),
  placeOrder: command({ input: Order, output: Order }),
  orderPaid: event(Order),
})
const giftContract = defineContract("gift", { gifts: query({ input: Order, output: Order }) })
const mailContract = defineContract("mail", { mails: query({ input: Order, output: Order }) })
const absentContract = defineContract("stock", { stock: query({ input: Order, output: Order }), soldOut: event(Order) })

const echo = () => async (input: z.infer<typeof Order>) => input
const hear = () => async () => undefined

const orderModule = defineModule({ contract: orderContract, owner: "team-order", handlers: { orderById: echo, placeOrder: echo } })
const giftModule = defineModule({
  contract: giftContract,
  owner: "team-gift",
  uses: { order: orderContract },
  listens: { order: orderContract },
  handlers: { gifts: echo },
  reactions: { order: { orderPaid: hear } },
})
const mailModule = defineModule({
  contract: mailContract,
  owner: "team-mail",
  uses: { stock: absentContract },
  handlers: { mails: echo },
})

/** Two modules that belong together and one that uses what is not there, grouped as asked for. */
export function topologyWith(services: NonNullable<TopologyOptions["services"]>) {
  return defineTopology({ name: "test", modules: [orderModule, giftModule, mailModule], services })
}
