import * as fc from "fast-check"
import { expect, test } from "vitest"
import { z } from "zod"
import { callIncompatibilities, eventIncompatibilities } from "./compatibility.ts"
import { defineContract } from "./contract.ts"
import { describeContract } from "./describe.ts"
import { command, event, query } from "./operation.ts"

const Gift = z.object({
  id: z.string(),
  state: z.enum(["open", "claimed"]),
  lines: z.array(z.object({ sku: z.string(), quantity: z.int() })),
})

function version(input: z.ZodType, output: z.ZodType = Gift) {
  return describeContract(defineContract("gift", { claimGift: command({ input: input as typeof Gift, output: output as typeof Gift }) }))
}

const plain = version(z.object({ giftId: z.string() }))

test("a new required input names the operation and the field", () => {
  const next = version(z.object({ giftId: z.string(), address: z.object({ zip: z.string() }) }))
  expect(callIncompatibilities(plain, next)).toEqual([
    { operation: "claimGift", field: "input/address", problem: "it is required, but not known to the other side" },
  ])
})

test.each([
  ["an optional input", version(z.object({ giftId: z.string(), note: z.string().optional() }))],
  ["an input with a default", version(z.object({ giftId: z.string(), note: z.string().default("") }))],
  ["a new output", version(z.object({ giftId: z.string() }), Gift.extend({ claimedAt: z.string() }))],
  ["a narrower limit", version(z.object({ giftId: z.string().max(10) }))],
  ["an input that may be more", version(z.object({ giftId: z.union([z.string(), z.int()]) }))],
])("%s fits callers of the version before", (_what, next) => {
  expect(callIncompatibilities(plain, next)).toEqual([])
})

test.each([
  ["an input of another type", version(z.object({ giftId: z.int() })), "input/giftId"],
  ["an output that is gone", version(z.object({ giftId: z.string() }), Gift.omit({ state: true })), "output/state"],
  ["an output that may be missing", version(z.object({ giftId: z.string() }), Gift.partial({ id: true })), "output/id"],
  ["an output that may be null", version(z.object({ giftId: z.string() }), Gift.extend({ id: z.string().nullable() })), "output/id"],
  [
    "a new value in an output",
    version(z.object({ giftId: z.string() }), Gift.extend({ state: z.enum(["open", "claimed", "lost"]) })),
    "output/state",
  ],
  [
    "a field of an item of another type",
    version(z.object({ giftId: z.string() }), Gift.extend({ lines: z.array(z.object({ sku: z.string(), quantity: z.string() })) })),
    "output/lines/*/quantity",
  ],
])("%s does not", (_what, next, field) => {
  expect(callIncompatibilities(plain, next)).toMatchObject([{ operation: "claimGift", field }])
})

test("an operation that is gone, and one that became another kind, are told", () => {
  const asQuery = describeContract(defineContract("gift", { claimGift: query({ input: z.object({ giftId: z.string() }), output: Gift }) }))
  const gone = describeContract(defineContract("gift", {}))
  expect(callIncompatibilities(plain, asQuery)[0]?.problem).toBe("it is a command for the caller and a query for the callee")
  expect(callIncompatibilities(plain, gone)[0]?.problem).toBe("the callee does not have it")
  expect(callIncompatibilities(gone, plain)).toEqual([])
})

test("a subscriber that reads a field the emitter no longer sends is told which", () => {
  const before = describeContract(defineContract("gift", { giftClaimed: event(z.object({ giftId: z.string(), orderId: z.string() })) }))
  const after = describeContract(defineContract("gift", { giftClaimed: event(z.object({ giftId: z.string() })) }))
  expect(eventIncompatibilities(before, after)).toMatchObject([{ operation: "giftClaimed", field: "payload/orderId" }])
  expect(eventIncompatibilities(after, before)).toEqual([])
})

test("a recursive schema is compared to its end", () => {
  type Tree = { readonly name: string; readonly children: readonly Tree[] }
  const tree: z.ZodType<Tree, Tree> = z.object({ name: z.string(), get children() { return z.array(tree) } }) // prettier-ignore
  const contract = defineContract("tree", { plant: command({ input: tree, output: tree }) })
  expect(callIncompatibilities(describeContract(contract), describeContract(contract))).toEqual([])
})

const shape: fc.Arbitrary<z.ZodType> = fc.letrec<{ any: z.ZodType }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<z.ZodType>(z.string(), z.int(), z.boolean(), z.null(), z.enum(["a", "b"]), z.literal("x")),
    tie("any").map((inner) => z.array(inner)),
    fc.dictionary(fc.constantFrom("a", "b", "c", "d"), tie("any"), { maxKeys: 4 }).map((fields) => z.object(fields)),
    tie("any").map((inner) => inner.nullable()),
    fc.tuple(tie("any"), tie("any")).map(([a, b]) => z.union([a, b])),
  ),
})).any

test("every version fits itself", () => {
  fc.assert(
    fc.property(shape, shape, (input, output) => {
      const one = version(z.object({ value: input }), z.object({ value: output }))
      expect(callIncompatibilities(one, one)).toEqual([])
    }),
  )
})
