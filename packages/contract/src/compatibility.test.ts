import * as fc from "fast-check"
import { expect, test } from "vitest"
import { toStandardJsonSchema } from "@valibot/to-json-schema"
import * as v from "valibot"
import { z } from "zod"
import { callIncompatibilities, eventIncompatibilities } from "./compatibility.ts"
import { defineContract } from "./contract.ts"
import { describeContract } from "./describe.ts"
import { command, event, query } from "./operation.ts"
import { jsonSchemaOf } from "./schema.ts"
import type { JsonSchema, Schema } from "./schema.ts"
import { schemaTroubles } from "./schema-compatibility.ts"
import { versionPairs } from "./version-pairs.fixture.ts"

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

test("an event that tells of objects by names of a pattern fits itself, and when one of them has changed the field is named", () => {
  const prices = (amount: z.ZodType) => telling(z.looseRecord(z.string().regex(/^EUR/), z.object({ amount })))
  expect(eventIncompatibilities(prices(z.int()), prices(z.int()))).toEqual([])
  expect(eventIncompatibilities(prices(z.int()), prices(z.string()))).toMatchObject([{ field: "payload/*/amount" }])
})

function telling(payload: z.ZodType) {
  return describeContract(defineContract("gift", { giftClaimed: event(payload as z.ZodType<{ readonly giftId: string }>) }))
}

test("a subscriber that has a default for what the emitter does not send yet fits", () => {
  const before = telling(z.object({ giftId: z.string() }))
  expect(eventIncompatibilities(telling(z.object({ giftId: z.string(), note: z.string().default("") })), before)).toEqual([])
})

test("a subscriber that allows no further fields is told which the emitter sends", () => {
  const more = telling(z.object({ giftId: z.string(), note: z.string() }))
  expect(eventIncompatibilities(telling(z.strictObject({ giftId: z.string() })), more)).toEqual([
    { operation: "giftClaimed", field: "payload/note", problem: "it is sent, but not allowed" },
  ])
})

test("a subscriber that does not say what it takes is compared by what it would send", () => {
  const silent = (payload: z.ZodType) => {
    const { events, ...rest } = telling(payload)
    return { ...rest, events: { giftClaimed: { payload: events["giftClaimed"]?.payload ?? {} } } }
  }
  const more = telling(z.object({ giftId: z.string(), note: z.string() }))
  expect(eventIncompatibilities(silent(z.object({ giftId: z.string() })), more)).toEqual([])
  expect(eventIncompatibilities(silent(z.object({ giftId: z.int() })), more)).toMatchObject([{ field: "payload/giftId" }])
})

test("a recursive schema is compared to its end", () => {
  type Tree = { readonly name: string; readonly children: readonly Tree[] }
  const tree: z.ZodType<Tree, Tree> = z.object({ name: z.string(), get children() { return z.array(tree) } }) // prettier-ignore
  const contract = defineContract("tree", { plant: command({ input: tree, output: tree }) })
  expect(callIncompatibilities(describeContract(contract), describeContract(contract))).toEqual([])
})

test("recursion that goes through a choice is compared to its end, too", () => {
  interface Chain { readonly name: string; readonly next: Chain | null } // prettier-ignore
  const chain: z.ZodType<Chain, Chain> = z.object({ name: z.string(), get next() { return chain.nullable() } }) // prettier-ignore
  const longer = z.object({ name: z.string(), size: z.int(), get next() { return longer.nullable() } }) // prettier-ignore
  expect(troubles(chain, chain)).toEqual([])
  expect(troubles(chain, z.object({ name: z.string(), next: longer.nullable() }))).toMatchObject([{ field: "/next/size" }])
})

const card = z.object({ kind: z.literal("card"), number: z.string() })
const bank = z.object({ kind: z.literal("bank"), iban: z.string() })
const more = { field: "/bic", problem: "it is required, but not known to the other side" }

test.each<[string, Schema, Schema, { readonly field: string; readonly problem: string }]>([
  ["an object or null", bank.nullable(), bank.extend({ bic: z.string() }).nullable(), more],
  ["a list or null", z.array(bank).nullable(), z.array(bank.extend({ bic: z.string() })).nullable(), { ...more, field: "/*/bic" }],
  ["one of several objects", z.union([card, bank]), z.union([card, bank.extend({ bic: z.string() })]), more],
  ["one of several objects or null", z.union([card, bank]), z.union([card, bank.extend({ bic: z.string() })]).nullable(), more],
  ["what all of several objects have not", z.union([card, bank]), bank.omit({ kind: true, iban: true }).extend({ bic: z.string() }), more],
  [
    "a value of an object or null",
    z.object({ state: z.enum(["open", "paid", "lost"]) }).nullable(),
    z.object({ state: z.enum(["open", "paid"]) }).nullable(),
    { field: "/state", problem: 'it can be "lost", which is not expected' },
  ],
  [
    "an object that is none of those",
    z.union([card, bank, z.object({ kind: z.literal("cash") })]),
    z.union([card, bank]),
    { field: "/kind", problem: 'it can be "cash", which is not expected' },
  ],
  [
    "a value that is none of those",
    z.enum(["a", "b"]).nullable(),
    z.enum(["a"]).nullable(),
    { field: "", problem: 'it can be "b", which is not expected' },
  ],
  [
    "what is nothing like any of those",
    z.string(),
    z.union([card, bank]),
    { field: "", problem: "it can be something that is not expected" },
  ],
])("of a choice that does not fit the field is named: %s", (_what, from, to, trouble) => {
  expect(troubles(from, to)).toEqual([trouble])
})

test("what may be anything is compared to the end with a schema that is recursive through its lists", () => {
  const list: z.ZodType<unknown[], unknown[]> = z.array(z.lazy(() => z.union([z.int(), list])))
  expect(troubles(z.array(z.unknown()), list)).toMatchObject([{ field: "/*" }, { field: "/*/*" }])
  expect(troubles(z.union([z.array(z.unknown()), z.int()]), z.object({ list: z.union([z.string(), list]) }))).not.toEqual([])
})

function troubles(from: Schema, to: Schema, extrasRefused = true) {
  return schemaTroubles({ from: jsonSchemaOf(from, "input"), to: jsonSchemaOf(to, "input"), at: "", extrasRefused })
}

test("what an alternative that does not fit took for granted is compared again where it is needed", () => {
  const Leaf = () => z.object({ key: z.string() }).meta({ id: crypto.randomUUID() })
  const Other = z.object({ key: z.int() }).meta({ id: "OtherLeaf" })
  const [Before, After] = [Leaf(), Leaf()]
  const from = z.object({ a: z.object({ leaf: Before, size: z.string() }), b: Before })
  const to = z.object({ a: z.union([z.object({ leaf: Other, size: z.string() }), z.object({ leaf: After })]), b: Other })
  expect(troubles(from, to)).toEqual([{ field: "/b/key", problem: "it is string, where integer is expected" }])
})

const stringOrNull = z.string().nullable()

test.each<[string, Schema, Schema]>([
  ["a few texts, for a choice of them and others", z.enum(["a", "b"]), z.union([z.literal("a"), z.enum(["b", "c"])])],
  ["a fixed number, for a whole one", z.literal(1), z.int()],
  ["a text or null, for a choice that has both", stringOrNull, z.union([z.string(), z.int(), z.null()])],
  ["what may be anything, for any JSON", z.object({ data: z.unknown() }), z.object({ data: z.json() })],
  ["any JSON, for the same", z.record(z.string(), z.json()), z.json()],
  ["a truth value, for both of them", z.boolean(), z.literal([true, false])],
  ["a tuple, for a list", z.tuple([z.string(), z.literal("a")]), z.array(z.string())],
  ["an object, for a record of what is in it", z.object({ a: z.string() }), z.record(z.string(), stringOrNull)],
  ["fields of some names, for the same", z.looseRecord(z.string().regex(/^a/), z.int()), z.looseRecord(z.string().regex(/^a/), z.int())],
  ["fields of some names, for a record of them", z.looseRecord(z.string().regex(/^a/), z.int()), z.record(z.string(), z.number())],
  ["an object that may have others, for one that knows more", z.looseObject({}), z.looseObject({ a: z.string().optional() })],
  ["a record with names of fewer kinds", z.partialRecord(z.enum(["a"]), z.int()), z.partialRecord(z.enum(["a", "b"]), z.int())],
  ["a field called `constructor` that may be missing", z.object({}), z.object({ constructor: z.string().optional() })],
  [
    "a combination that has one more field",
    toStandardJsonSchema(v.intersect([v.object({ a: v.string() }), v.object({ b: v.string(), c: v.string() })])),
    toStandardJsonSchema(v.intersect([v.object({ a: v.string(), b: v.string() }), v.object({ d: v.optional(v.string()) })])),
  ],
])("there fits %s", (_what, from, to) => {
  expect(troubles(from, to)).toEqual([])
})

const place = z.object({ place: z.object({ city: z.string() }), kind: z.enum(["a", "b"]) })
const exact = z.object({ place: z.object({ zip: z.string() }), kind: z.union([z.enum(["b", "c"]), z.null()]) })
const both = place.and(exact)

test.each<[string, z.ZodType, z.ZodType]>([
  ["the same", both, both],
  ["the same in a list", z.array(both), z.array(both)],
  ["one part alone", both, place],
  ["one that has a field more, which may be missing", both, both.and(z.object({ note: z.string().optional() }))],
  ["one in which another part has a field more", both.and(z.object({})), both.and(z.object({ note: z.string().optional() }))],
])("a combination whose parts share a field fits %s", (_what, from, to) => {
  expect(troubles(from, to)).toEqual([])
})

test("a combination that is recursive through the field that its parts share is compared to its end", () => {
  interface Chain { readonly next: Chain | null } // prettier-ignore
  const one = z.object({ get next() { return chain.nullable() } }) // prettier-ignore
  const chain: z.ZodType<Chain, Chain> = z.lazy(() => one.and(z.looseObject({ next: z.union([chain, z.null()]) })))
  expect(troubles(chain, chain)).toEqual([])
  expect(troubles(chain, one.and(z.object({ size: z.int() })))).not.toEqual([])
})

test("of a combination whose parts share a field it is told what in that field does not fit", () => {
  const changed = place.and(z.object({ place: z.object({ zip: z.int() }) }))
  expect(troubles(both, changed)).toEqual([{ field: "/place/zip", problem: "it is string, where integer is expected" }])
})

test.each<[string, Schema, Schema, string]>([
  ["a tuple, for a list of less", z.tuple([z.string(), z.int()]), z.array(z.string()), "/1"],
  ["a list, for a tuple", z.array(z.string()), z.tuple([z.string()]).rest(z.string()), "/0"],
  ["a longer tuple, for a shorter", z.tuple([z.int(), z.int()]), z.tuple([z.int()]), "/1"],
  ["a list, for what ends", z.tuple([z.int()]).rest(z.int()), z.tuple([z.int()]), "/*"],
  ["a record, for an object of others", z.record(z.string(), z.int()), z.object({ a: z.string().optional() }), "/a"],
  ["a record of anything, for an object", z.record(z.string(), z.unknown()), z.object({ a: z.string().optional() }), "/a"],
  ["an object, for a record of others", z.object({ a: z.string() }), z.record(z.string(), z.int()), "/a"],
  ["fields of some names, for a record of others", z.looseRecord(z.string().regex(/^a/), z.int()), z.record(z.string(), z.string()), "/*"],
  [
    "fields of some names, for one of another type",
    z.looseRecord(z.string().regex(/^a/), z.int()),
    z.object({ ab: z.string().optional() }),
    "/ab",
  ],
  ["any fields, for a few", z.record(z.string(), z.int()), z.strictObject({ a: z.int().optional() }), "/*"],
  ["a record with names of more kinds", z.partialRecord(z.enum(["a", "b"]), z.int()), z.partialRecord(z.enum(["a"]), z.int()), "/*"],
  ["a field called `constructor` that is not allowed", z.object({ constructor: z.string() }), z.strictObject({}), "/constructor"],
  [
    "a combination with a part of another type",
    toStandardJsonSchema(v.intersect([v.object({ a: v.string() }), v.object({ b: v.string() })])),
    toStandardJsonSchema(v.intersect([v.object({ a: v.number() }), v.object({ b: v.string() })])),
    "/a",
  ],
])("there does not fit %s", (_what, from, to, field) => {
  expect(troubles(from, to)).toMatchObject([{ field }])
})

test("a tuple of a library that does not say how many items there are has them all", () => {
  const silent = (...prefixItems: JsonSchema[]) => ({ type: "array", prefixItems })
  const told = jsonSchemaOf(z.tuple([z.string(), z.boolean()]), "input")
  const [text, flag] = [{ type: "string" }, { type: "boolean" }]
  const passage = { at: "input", extrasRefused: true }
  expect(schemaTroubles({ ...passage, from: silent(text, flag), to: told })).toEqual([])
  expect(schemaTroubles({ ...passage, from: told, to: silent(text, flag) })).toEqual([])
  expect(schemaTroubles({ ...passage, from: silent(text), to: silent(text, flag) })).toEqual([
    { field: "input/1", problem: "it is required, but may be missing" },
  ])
})

test("a condition whose words are the same, but not what they refer to, is told", () => {
  const schema = (type: string) => ({ not: { $ref: "#/$defs/A" }, $defs: { A: { type } } })
  const passage = { at: "input", extrasRefused: true, from: schema("string") }
  expect(schemaTroubles({ ...passage, to: schema("string") })).toEqual([])
  expect(schemaTroubles({ ...passage, to: schema("number") })).toEqual([{ field: "input", problem: "its `not` differs" }])
})

const shape: fc.Arbitrary<z.ZodType> = fc.letrec<{ any: z.ZodType }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<z.ZodType>(z.string(), z.int(), z.boolean(), z.null(), z.enum(["a", "b"]), z.literal("x")),
    tie("any").map((inner) => z.array(inner)),
    fc.dictionary(fc.constantFrom("a", "b", "c", "d"), tie("any"), { maxKeys: 4 }).map((fields) => z.object(fields)),
    tie("any").map((inner) => inner.nullable()),
    fc.tuple(tie("any"), tie("any")).map(([a, b]) => z.union([a, b])),
    fc.tuple(tie("any"), tie("any")).map(([a, b]) => z.object({ a, shared: a }).and(z.object({ b, shared: b }))),
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

test("every version of an event is taken in by its own subscribers", () => {
  fc.assert(
    fc.property(versionPairs, ({ before }) => {
      expect(eventIncompatibilities(telling(before), telling(before))).toEqual([])
    }),
  )
})

test("what is said to fit is accepted, whatever value it is", () => {
  const given = versionPairs.chain((pair) => fc.tuple(fc.constant(pair), fc.array(pair.values, { minLength: 20, maxLength: 20 })))
  fc.assert(
    fc.property(given, ([{ before, after }, values]) => {
      fc.pre(troubles(before, after).length === 0)
      const refused = values.filter((value) => before.safeParse(value).success && !after.safeParse(value).success)
      expect(refused).toEqual([])
    }),
    { numRuns: 300 },
  )
})

test("an event that is said to fit is taken in by its subscriber, whatever it tells", () => {
  const given = versionPairs.chain((pair) => fc.tuple(fc.constant(pair), fc.array(pair.values, { minLength: 20, maxLength: 20 })))
  fc.assert(
    fc.property(given, ([{ before, after }, values]) => {
      fc.pre(eventIncompatibilities(telling(after), telling(before)).length === 0)
      // An emitter parses what it sends, a subscriber what it gets.
      const sent = values.map((value) => before.safeParse(value)).filter(({ success }) => success)
      expect(sent.filter(({ data }) => !after.safeParse(data).success)).toEqual([])
    }),
    { numRuns: 300 },
  )
})
