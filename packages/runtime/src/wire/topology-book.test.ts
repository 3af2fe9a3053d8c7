import { defineContract, defineModule, defineTopology, event, query } from "@hanok/contract"
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

function telling(payload: typeof none): ContractBook {
  const contract = defineContract("stock", { left, taken: event(payload) })
  return contractBookOf(defineTopology({ modules: [defineModule({ contract, owner: "team-stock", handlers })] }))
}

const described = (book: ContractBook): Json => book.describe("stock") ?? null

test("a process tells of a module's own contract, also where another of its modules uses an earlier version of that", () => {
  const callee = contractBookOf(defineTopology({ modules: [owner, using(before)] }))
  const caller = contractBookOf(defineTopology({ modules: [owner, using(now)] }))
  expect(caller.callTrouble("stock", described(callee))).toBeUndefined()
  expect(callee.fingerprints).toEqual(caller.fingerprints)
})

test("what does not fit is told of caller and callee, and in an event's payload of emitter and subscriber", () => {
  const [emitter, subscriber] = [telling(none), telling(z.object({ sku: z.string() }))]
  expect(emitter.eventTrouble("stock", described(subscriber))).toBe(
    "The contract stock differs between emitter and subscriber: taken, payload/sku: it is required, but not known to the other side.",
  )
  const caller = contractBookOf(defineTopology({ modules: [owner] }))
  expect(caller.callTrouble("stock", described(emitter))).toBe(
    "The contract stock differs between caller and callee: level: the callee does not have it.",
  )
})
