import { randomUUID } from "node:crypto"
import { ServiceBroker } from "moleculer"
import type { BrokerOptions, Context } from "moleculer"
import { orderOf } from "../work.ts"
import type { Order, OrderInput } from "../work.ts"
import type { RemoteContender } from "./contender.ts"

/** Two brokers. `transporterOf` is told a name that both sides of a run share. */
export function moleculerWith(
  transporterOf: (address: string) => NonNullable<BrokerOptions["transporter"]>,
  address: () => string,
): RemoteContender {
  const brokerAt = (place: string, nodeID: string) => {
    const namespace = place.split(" ")[1] ?? ""
    return new ServiceBroker({ logger: false, nodeID, namespace, transporter: transporterOf(place), requestTimeout: 10_000 })
  }
  return {
    async serve() {
      const place = `${address()} run-${randomUUID()}`
      const broker = brokerAt(place, `callee-${process.pid}`)
      broker.createService({ name: "order", actions: { place: ({ params }: Context<OrderInput>) => orderOf(params) } })
      await broker.start()
      return place
    },
    async within(place, work) {
      const broker = brokerAt(place, `caller-${process.pid}`)
      await broker.start()
      await broker.waitForServices("order", 15_000)
      await work((input) => broker.call<Order, OrderInput>("order.place", input))
      await broker.stop()
    },
  }
}
