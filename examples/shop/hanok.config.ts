import { defineTopology } from "@hanok/contract"
import { modules } from "./modules.ts"

export { seed } from "./seed.ts"

export default defineTopology({
  name: "shop",
  modules,
  gateway: { port: 3000 },
})
