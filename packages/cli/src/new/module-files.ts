import { camelOf } from "./names.ts"

/** Files by their paths. */
export type Files = Readonly<Record<string, string>>

/** A module that can do one thing, with the test of it; paths are relative to the folder of the configuration. */
export function moduleFiles(name: string): Files {
  const folder = `modules/${name}`
  return {
    [`${folder}/contract.ts`]: contract(name),
    [`${folder}/module.ts`]: moduleOf(name),
    [`${folder}/queries/greeting.ts`]: query(name),
    [`${folder}/${name}.test.ts`]: test(name),
  }
}

const contract = (name: string) => `import { defineContract, query } from "@hanok/contract"
import { z } from "zod"

/** All that others may know about ${name}. */
export const ${camelOf(name)}Contract = defineContract("${name}", {
  /** Greets whoever is named. Your own queries, commands and events take its place. */
  greeting: query({
    input: z.object({ name: z.string().min(1).max(100) }),
    output: z.object({ text: z.string() }),
    http: "GET /${name}/greetings/{name}",
    access: "public",
  }),
})
`

const moduleOf = (name: string) => `import { defineModule } from "@hanok/contract"
import { ${camelOf(name)}Contract } from "./contract.ts"
import { greeting } from "./queries/greeting.ts"

export const ${camelOf(name)}Module = defineModule({
  contract: ${camelOf(name)}Contract,
  owner: "team-${name}",
  handlers: { greeting },
})
`

const query = (name: string) => `import type { Handler } from "@hanok/contract"
import type { ${camelOf(name)}Contract } from "../contract.ts"

export const greeting =
  (): Handler<typeof ${camelOf(name)}Contract, "greeting"> =>
  async ({ name }) => ({ text: \`Hello, \${name}!\` })
`

const test = (name: string) => `import { isFault } from "@hanok/contract"
import { createSlice } from "@hanok/testkit"
import type { Slice } from "@hanok/testkit"
import { afterEach, beforeEach, expect, test } from "vitest"
import { ${camelOf(name)}Contract } from "./contract.ts"
import { ${camelOf(name)}Module } from "./module.ts"

let slice: Slice
beforeEach(async () => {
  slice = await createSlice(${camelOf(name)}Module)
})
afterEach(() => slice.close())

test("whoever is named is greeted", async () => {
  expect(await slice.client(${camelOf(name)}Contract).greeting({ name: "Sora" })).toEqual({ text: "Hello, Sora!" })
})

test("nobody is not greeted", async () => {
  const error = await slice.client(${camelOf(name)}Contract).greeting({ name: "" }).catch((caught: unknown) => caught)
  expect(isFault(error, "INVALID_INPUT")).toBe(true)
})
`
