import { command, defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import { createAddressBook, startService } from "@hanok/runtime"
import { Answer, Discount, discounted, Price, priceOf, Request, Stock, stockOf } from "./work.ts"

const priceContract = defineContract("price", {
  priceOf: query({ input: Price.pick({ sku: true }), output: Price }),
  discounted: query({ input: Discount, output: Discount }),
})
const stockContract = defineContract("stock", { stockOf: query({ input: Stock.pick({ sku: true }), output: Stock }) })
const orderContract = defineContract("order", {
  quote: command({ input: Request, output: Answer, http: "POST /orders", access: "public" }),
})

const topology = defineTopology({
  name: "bench",
  modules: [
    defineModule({
      contract: orderContract,
      owner: "bench",
      uses: { price: priceContract, stock: stockContract },
      handlers: {
        quote:
          ({ price, stock }) =>
          async ({ orderId, sku, qty }, context) => {
            const list = await price.priceOf({ sku }, context)
            const { price: each } = await price.discounted({ price: list.price }, context)
            const { available } = await stock.stockOf({ sku }, context)
            return { orderId, total: each * qty, available }
          },
      },
    }),
    defineModule({ contract: priceContract, owner: "bench", handlers: { priceOf: () => priceOf, discounted: () => discounted } }),
    defineModule({ contract: stockContract, owner: "bench", handlers: { stockOf: () => stockOf } }),
  ],
  services: { stock: { modules: ["stock"] } },
  gateway: { requestsPerSecond: 0 },
})

const env = { HANOK_SECRET: "a secret for this benchmark alone, 32 characters", HANOK_LOG_LEVEL: "warn" }

/** The other process; without `otlpUrl` nothing is recorded. */
export async function serveHanokCallee(otlpUrl: string | undefined): Promise<string> {
  const service = await startService({ topology, service: "stock", env: envOf(otlpUrl), discovery: createAddressBook() })
  return JSON.stringify(service.seamAddress)
}

/** The measured process; without `otlpUrl` nothing is recorded. */
export async function serveHanok(callee: string, otlpUrl: string | undefined): Promise<string> {
  const discovery = createAddressBook()
  // Written by `serveHanokCallee`.
  discovery.update({ stock: [JSON.parse(callee) as { host: string; port: number }] })
  const service = await startService({ topology, service: "main", env: envOf(otlpUrl), discovery, gatewayPort: 0 })
  return `${service.gatewayUrl}/orders`
}

function envOf(otlpUrl: string | undefined): Readonly<Record<string, string>> {
  return otlpUrl === undefined ? env : { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl }
}
