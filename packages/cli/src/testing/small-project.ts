const giftModule = `import { defineContract, defineModule, query } from "@hanok/contract"
import { z } from "zod"
import { orderContract } from "../order/contract.ts"
const Empty = z.object({})
export const giftModule = defineModule({
  contract: defineContract("gift", { gifts: query({ input: Empty, output: Empty }) }),
  owner: "team-gift",
  uses: { order: orderContract },
  handlers: { gifts: () => async () => ({}) },
})
`

export const smallConfig = `import { defineTopology } from "@hanok/contract"
import { giftModule } from "./modules/gift/module.ts"
import { orderModule } from "./modules/order/module.ts"

// All of it, in one process.
export default defineTopology({
  modules: [orderModule, giftModule],
  gateway: { port: 0 }, // any
})
`

/** Two modules and a configuration. */
export const smallProject: Readonly<Record<string, string>> = {
  "package.json": '{ "name": "small", "type": "module" }',
  "hanok.config.ts": smallConfig,
  "modules/order/contract.ts": `import { defineContract, query } from "@hanok/contract"
import { z } from "zod"
const Empty = z.object({})
export const orderContract = defineContract("order", { orders: query({ input: Empty, output: Empty }) })
`,
  "modules/order/module.ts": `import { defineModule } from "@hanok/contract"
import { orderContract } from "./contract.ts"
export const orderModule = defineModule({ contract: orderContract, owner: "team-order", handlers: { orders: () => async () => ({}) } })
`,
  "modules/gift/contract.ts": "export {}\n",
  "modules/gift/module.ts": giftModule,
}
