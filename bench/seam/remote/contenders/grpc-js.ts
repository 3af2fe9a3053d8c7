import { fileURLToPath } from "node:url"
import { credentials, loadPackageDefinition, Server, ServerCredentials } from "@grpc/grpc-js"
import type { sendUnaryData, ServerUnaryCall, ServiceClientConstructor } from "@grpc/grpc-js"
import { loadSync } from "@grpc/proto-loader"
import { orderOf } from "../../work.ts"
import type { Order, OrderInput } from "../../work.ts"
import type { RemoteContender } from "../contender.ts"

const file = fileURLToPath(new URL("../order.proto", import.meta.url))
// The definition is this folder's own.
const Orders = loadPackageDefinition(loadSync(file, { keepCase: true }))["Orders"] as ServiceClientConstructor

function place(call: ServerUnaryCall<OrderInput, Order>, reply: sendUnaryData<Order>): void {
  reply(null, orderOf(call.request))
}

export const contender: RemoteContender = {
  async serve() {
    const server = new Server()
    server.addService(Orders.service, { Place: place })
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))),
    )
    return `127.0.0.1:${port}`
  },
  async within(address, work) {
    const client = new Orders(address, credentials.createInsecure())
    const unary = client["Place"]?.bind(client) as (input: OrderInput, done: (error: Error | null, order: Order) => void) => void
    await work((input) => new Promise((resolve, reject) => unary(input, (error, order) => (error ? reject(error) : resolve(order)))))
    client.close()
  },
}
