import { defineTopology } from "@hanok/contract"
import { modules } from "../modules.ts"

/** Everything in one process, except inventory, of which there are three. */
export default defineTopology({
  name: "shop",
  modules,
  services: { inventory: { modules: ["inventory"], replicas: 3 } },
})
