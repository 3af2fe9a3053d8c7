import { defineTopology } from "@hanok/contract"
import { modules } from "../modules.ts"

const names = modules.map(({ contract }) => contract.name)

/** Every module in a process of its own, and the gateway in one. */
export default defineTopology({
  name: "shop",
  modules,
  services: Object.fromEntries(names.map((name) => [name, { modules: [name] }])),
  gateway: { service: "gateway" },
})
