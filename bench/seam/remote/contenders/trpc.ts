import { createTRPCClient, httpBatchLink } from "@trpc/client"
import { initTRPC } from "@trpc/server"
import { createHTTPServer } from "@trpc/server/adapters/standalone"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { Order, OrderInput, orderOf } from "../../work.ts"
import type { RemoteContender } from "../contender.ts"

const t = initTRPC.create()
const router = t.router({
  place: t.procedure
    .input(OrderInput)
    .output(Order)
    .mutation(({ input }) => orderOf(input)),
})

/** HTTP, calls of one tick batched into one request. */
export const contender: RemoteContender = {
  async serve() {
    const server = createHTTPServer({ router })
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  },
  async within(url, work) {
    const client = createTRPCClient<typeof router>({ links: [httpBatchLink({ url, maxItems: 16 })] })
    await work((input) => client.place.mutate(input))
  },
}
