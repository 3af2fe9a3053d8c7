import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import type { Contract, Json } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import type { ContractBook } from "./contract-book.ts"
import { contractBookOf } from "./topology-book.ts"

const none = z.object({})
const left = query({ input: none, output: z.object({ left: z.int() }) })
const level = query({ input: none, output: z.object({ level: z.int() }) })
const handlers = { left: () => async () => ({ left: 7 }) }
const before = defineContract("stock", { left })
const now = defineContract("stock", { left, level })
const owner = defineModule({ contract: now, owner: "team-stock", handlers: { ...handlers, level: () => async () => ({ level: 7 }) } })

const using = (stock: Contract) =>
  defineModule({ contract: defineContract("order", {}), owner: "team-order", uses: { stock }, handlers: {} })

const described = (book: ContractBook): Json => book.describe("stock") ?? null

test("a process tells of a module's own contract, also where another of its modules uses an earlier version of that", () => {
  const callee = contractBookOf(defineTopology({ modules: [owner, using(before)] }))
  const caller = contractBookOf(defineTopology({ modules: [owner, using(now)] }))
  expect(caller.callTrouble("stock", described(callee))).toBeUndefined()
  expect(callee.fingerprints).toEqual(caller.fingerprints)
})
