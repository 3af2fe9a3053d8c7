/** What its answers say they are of. */
export function backModule(version: string): string {
  return `import { defineModule } from "@hanok/contract"
import { setTimeout as sleep } from "node:timers/promises"
import { backContract } from "./contract.ts"
const spin = (ms) => { const until = performance.now() + ms; while (performance.now() < until) {} }
export const backModule = defineModule({
  contract: backContract,
  owner: "team-back",
  handlers: {
    version: () => async ({ waitMs, spinMs }) => {
      if (waitMs > 0) await sleep(waitMs)
      spin(spinMs)
      return { version: ${JSON.stringify(version)}, pid: process.pid }
    },
  },
})
`
}

const backContract = `import { defineContract, query } from "@hanok/contract"
import { z } from "zod"
export const backContract = defineContract("back", {
  version: query({
    input: z.object({ waitMs: z.int().default(0), spinMs: z.int().default(0) }),
    output: z.object({ version: z.string(), pid: z.int() }),
  }),
})
`

const frontModule = `import { defineContract, defineModule, query } from "@hanok/contract"
import { z } from "zod"
import { backContract } from "../back/contract.ts"
const frontContract = defineContract("front", {
  version: query({
    input: z.object({ waitMs: z.int().default(0), spinMs: z.int().default(0) }),
    output: z.object({ version: z.string(), pid: z.int() }),
    access: "public",
    http: "GET /version",
  }),
})
export const frontModule = defineModule({
  contract: frontContract,
  owner: "team-front",
  uses: { back: backContract },
  handlers: { version: ({ back }) => (input, context) => back.version(input, context) },
})
`

/** Two modules, one of which asks the other, in services as the text says: for example `{ back: { modules: ["back"] } }`. */
export function busyProject(services: string): Readonly<Record<string, string>> {
  return {
    "package.json": '{ "name": "busy", "type": "module" }',
    "hanok.config.ts": `import { defineTopology } from "@hanok/contract"
import { backModule } from "./modules/back/module.ts"
import { frontModule } from "./modules/front/module.ts"
export default defineTopology({
  modules: [frontModule, backModule],
  services: ${services},
  gateway: { requestsPerSecond: 0 },
})
`,
    "modules/back/contract.ts": backContract,
    "modules/back/module.ts": backModule("1"),
    "modules/front/module.ts": frontModule,
  }
}
