import { setTimeout as sleep } from "node:timers/promises"
import { defineTopology } from "@hanok/contract"
import { createAddressBook, createLog, startService } from "@hanok/runtime"
import { modulesInMemory } from "../../../examples/shop/modules.memory.ts"
import type { FromServer, ToServer } from "./message.ts"

// The shop in memory and in one process, with nobody held back at the gateway. It ends with whoever has started it.
const topology = defineTopology({
  name: "shop",
  modules: modulesInMemory,
  gateway: { port: 0, requestsPerSecond: 0, concurrentRequests: 1_000_000 },
})
const service = await startService({
  topology,
  service: "main",
  env: process.env,
  discovery: createAddressBook(),
  gatewayPort: 0,
  log: createLog({ service: "main", instance: "fuzz", level: "error" }),
})
while ((await service.unready()).length > 0) await sleep(20)

process.on("message", (message: ToServer) => {
  if (message === "memory") tell({ kind: "memory", ...memory() })
})
process.once("disconnect", () => process.exit())
tell({ kind: "ready", gatewayUrl: service.gatewayUrl ?? "", seamPort: service.seamAddress.port })

function tell(message: FromServer): void {
  process.send?.(message)
}

function memory() {
  for (let times = 0; times < 3; times++) globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rssBytes: rss, heapBytes: heapUsed + external }
}
