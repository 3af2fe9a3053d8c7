import { defineTopology } from "@hanok/contract"
import { shopModules, storesOfEnvironment } from "../shop-modules.ts"

const modules = shopModules(storesOfEnvironment())

/** Every module in a process of its own, and the gateway in one. */
export default defineTopology({
  name: "shop",
  modules,
  services: Object.fromEntries(modules.map(({ contract: { name } }) => [name, { modules: [name] }])),
  gateway: { service: "gateway", requestsPerSecond: 0 },
})
