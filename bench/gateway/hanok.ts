import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import { createAddressBook, signUserToken, startService } from "@hanok/runtime"
import { input, Order, OrderInput, orderOf } from "../seam/work.ts"
import type { Post } from "../harness/load.ts"
import { startSink } from "./sink.ts"

const body = JSON.stringify(input)
const secret = "a secret for this benchmark alone, 32 characters"

// A query, since bare Fastify does not carry a command out once for its key either.
const orderContract = defineContract("order", { place: query({ input: OrderInput, output: Order, http: "POST /orders" }) })
const orderModule = defineModule({ contract: orderContract, owner: "bench", handlers: { place: () => orderOf } })
const topology = defineTopology({ name: "bench", modules: [orderModule], gateway: { requestsPerSecond: 0 } })

/** The gateway with all it does: token verified, input and output checked, spans recorded and exported. */
export async function serveHanok(): Promise<Post> {
  const sink = await startSink()
  const env = { HANOK_SECRET: secret, HANOK_LOG_LEVEL: "warn", OTEL_EXPORTER_OTLP_ENDPOINT: sink }
  const service = await startService({ topology, service: "main", env, discovery: createAddressBook(), gatewayPort: 0 })
  const token = await signUserToken(secret, { subject: "customer-1", roles: ["customer"] }, 3600)
  return { url: `${service.gatewayUrl}/orders`, body, headers: { authorization: `Bearer ${token}` } }
}
