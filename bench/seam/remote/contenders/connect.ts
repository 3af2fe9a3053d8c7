import { once } from "node:events"
import { createServer } from "node:http2"
import type { AddressInfo } from "node:net"
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf"
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt"
import { createClient } from "@connectrpc/connect"
import { connectNodeAdapter, createGrpcTransport } from "@connectrpc/connect-node"
import { orderOf } from "../../work.ts"
import type { Order, OrderInput } from "../../work.ts"
import type { RemoteContender } from "../contender.ts"
import { descriptorSetOf } from "../descriptor-set.ts"

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSetOf(new URL("../order.proto", import.meta.url))))
const service = registry.getService("Orders")
if (!service) throw new Error("order.proto declares no service Orders.")
const Orders = service

/** gRPC over HTTP/2, by connect on both sides. */
export const contender: RemoteContender = {
  async serve() {
    const adapter = connectNodeAdapter({
      // A service that is read at run time has no types for its methods.
      routes: (router) => router.service(Orders, { place: (request: unknown) => orderOf(request as OrderInput) } as never),
    })
    const server = createServer(adapter).listen(0, "127.0.0.1")
    await once(server, "listening")
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  },
  async within(baseUrl, work) {
    const client = createClient(Orders, createGrpcTransport({ baseUrl })) as Record<string, (input: object) => Promise<unknown>>
    const call = client["place"]
    if (!call) throw new Error("The client has no method.")
    await work(async (input) => (await call(input)) as Order)
  },
}
