import { ServiceBroker } from "moleculer"
import type { Context } from "moleculer"
import { orderOf } from "../work.ts"
import type { Order, OrderInput } from "../work.ts"
import type { InlineContender } from "./contender.ts"

const item = { type: "object", props: { sku: "string", qty: "number|integer", price: "number|integer" } }

/** A Moleculer broker with a local action, without and with its parameters checked. */
export async function createMoleculer(): Promise<readonly InlineContender[]> {
  const broker = new ServiceBroker({ logger: false })
  const handler = ({ params }: Context<OrderInput>) => orderOf(params)
  broker.createService({
    name: "order",
    actions: {
      place: { handler },
      placeChecked: { params: { orderId: "string", customerId: "string", items: { type: "array", items: item } }, handler },
    },
  })
  await broker.start()
  return [
    {
      name: "moleculer",
      within: (work) => work((input) => broker.call<Order, OrderInput>("order.place", input)),
      close: () => broker.stop(),
    },
    { name: "moleculer_checked", within: (work) => work((input) => broker.call<Order, OrderInput>("order.placeChecked", input)) },
  ]
}
