import { defineContract, defineModule, query } from "@hanok/contract"
import type { Adapter } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { hostModule } from "./hosted-module.ts"

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const contract = defineContract("gift", { gifts: query({ input: z.object({}), output: z.object({}) }) })
const fails = (): never => {
  throw new Error("no such file")
}
const fine = { handlers: { gifts: () => async () => ({}) }, jobs: {} }
const ways = {
  "The need other": { ...fine, needs: { other: { kind: "adapter", technology: "file", create: fails } as Adapter<object> } },
  "The handler gifts": { ...fine, handlers: { gifts: fails }, needs: {} },
  "The job wrap": { ...fine, jobs: { wrap: { everyMs: 1_000, run: fails } }, needs: {} },
}

for (const [what, { needs, ...more }] of Object.entries(ways)) {
  test(`${what} that cannot be made is named, and what the module's needs had opened is closed`, async () => {
    let closed = 0
    const store: Adapter<object> = {
      kind: "adapter",
      technology: "memory",
      create: async () => ({ port: {}, close: async () => void closed++ }),
    }
    const module = defineModule({ contract, owner: "a", needs: { store, ...needs }, ...more })
    const surroundings = { env: {}, log: silent, clients: {}, events: {} }
    const message = `${what} of gift could not be made: no such file`
    await expect(hostModule(module, surroundings)).rejects.toMatchObject({ message, cause: new Error("no such file") })
    expect(closed).toBe(1)
  })
}
