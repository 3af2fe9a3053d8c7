/** One module that counts in PostgreSQL. */
export const databaseProject: Readonly<Record<string, string>> = {
  "package.json": '{ "name": "counting", "type": "module" }',
  "hanok.config.ts": `import { defineTopology } from "@hanok/contract"
import { countModule } from "./modules/count/module.ts"
export default defineTopology({ modules: [countModule], gateway: { requestsPerSecond: 0 } })
`,
  "modules/count/migrations/0001_count.sql":
    "create table count (id int primary key, value int not null);\ninsert into count values (1, 0);\n",
  "modules/count/module.ts": `import { command, defineContract, defineModule } from "@hanok/contract"
import { postgres } from "@hanok/postgres"
import { z } from "zod"
const store = postgres({
  migrations: new URL("migrations/", import.meta.url),
  read: () => ({}),
  write: (db) => ({
    count: async () =>
      (await db.updateTable("count").set((row) => ({ value: row("value", "+", 1) })).returning("value").executeTakeFirstOrThrow()).value,
  }),
})
export const countModule = defineModule({
  contract: defineContract("count", {
    count: command({ input: z.object({}), output: z.object({ value: z.int() }), access: "public", http: "POST /count" }),
  }),
  owner: "team-count",
  needs: { store },
  handlers: { count: ({ store }) => async (_, context) => ({ value: await store.transaction(context, (tx) => tx.count()) }) },
})
`,
}
