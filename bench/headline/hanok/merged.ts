import { defineTopology } from "@hanok/contract"
import { shopModules, storesOfEnvironment } from "../shop-modules.ts"

/** Everything in one process. */
export default defineTopology({ name: "shop", modules: shopModules(storesOfEnvironment()), gateway: { requestsPerSecond: 0 } })
