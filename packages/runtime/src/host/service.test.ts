import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import type { AddressBook } from "../discovery/address-book.ts"
import type { ResilienceMetrics } from "../resilience/metrics.ts"
import { startService } from "./service.ts"
import type { RunningService } from "./service.ts"

const stockContract = defineContract("stock", {
  stockOf: query({ input: z.object({ sku: z.string() }), output: z.object({ left: z.int() }) }),
})
const shopContract = defineContract("shop", {
  offer: query({
    input: z.object({ sku: z.string() }),
    output: z.object({ left: z.int() }),
    access: "public",
    http: "GET /offers/{sku}",
  }),
})
const stockModule = defineModule({ contract: stockContract, owner: "team-stock", handlers: { stockOf: () => async () => ({ left: 7 }) } })
const shopModule = defineModule({
  contract: shopContract,
  owner: "team-shop",
  uses: { stock: stockContract },
  handlers: { offer: ({ stock }) => stock.stockOf },
})
const topology = defineTopology({
  modules: [shopModule, stockModule],
  services: { stock: { modules: ["stock"] } },
  gateway: { port: 0 },
})

async function start(service: string, discovery: AddressBook): Promise<RunningService> {
  const env = { HANOK_SECRET: "a secret for the tests of services", HANOK_LOG_LEVEL: "silent" }
  const running = await startService({ topology, service, env, discovery })
  onTestFinished(() => running.close({ graceMs: 0 }))
  return running
}

async function page({ seamAddress }: RunningService, path: string): Promise<string> {
  return (await fetch(`http://${seamAddress.host}:${seamAddress.port}${path}`)).text()
}

test("a service tells how busy it is, what it has done, and how the services are that it calls", async () => {
  const discovery = createAddressBook()
  const [main, stock] = [await start("main", discovery), await start("stock", discovery)]
  discovery.update({ main: [main.seamAddress], stock: [stock.seamAddress] })
  for (let call = 0; call < 3; call++) expect(await (await fetch(`${main.gatewayUrl}/offers/tea`)).json()).toEqual({ left: 7 })
  await expect.poll(() => main.load().inFlight).toBe(0)
  expect(main.load()).toMatchObject({ queued: 0, utilisation: 0 })
  expect(main.load().limit).toBeGreaterThan(0)
  const replica = `127.0.0.1:${stock.seamAddress.port}`
  expect(main.metrics()).toMatchObject({
    gates: [
      { gate: "seam", admitted: 0 },
      { gate: "gateway", admitted: 3 },
    ],
    seams: [{ caller: "shop", contract: "stock", service: "stock", calls: 3, retries: 0, breakers: { [replica]: "closed" } }],
    replicas: [{ service: "stock", replica, isReady: true, isEjected: false, inFlight: 0, recentCalls: 3, recentFailures: 0 }],
  })
  const told = JSON.parse(await page(stock, "/health/load")) as ResilienceMetrics
  expect(told.gates).toMatchObject([{ gate: "seam", admitted: 3 }])
  expect(await page(main, "/metrics")).toContain('hanok_seam_calls_total{caller="shop",contract="stock"} 3\n')
  expect(JSON.parse(await page(stock, "/openapi.json"))).toMatchObject({ paths: { "/rpc/stock/stockOf": { post: {} } } })
})
