import * as fc from "fast-check"
import { z } from "zod"

/** Two versions of a schema, and values that fit the first. */
export interface VersionPair {
  readonly before: z.ZodType
  readonly after: z.ZodType
  readonly values: fc.Arbitrary<unknown>
}

interface Leaf {
  readonly schema: z.ZodType
  readonly values: fc.Arbitrary<unknown>
}

const texts = fc.constantFrom("a", "b", "other")
const leaves: readonly Leaf[] = [
  { schema: z.string(), values: texts },
  { schema: z.int(), values: fc.integer() },
  { schema: z.number(), values: fc.constantFrom(0, 1, 1.5) },
  { schema: z.boolean(), values: fc.boolean() },
  { schema: z.null(), values: fc.constant(null) },
  { schema: z.enum(["a", "b"]), values: fc.constantFrom("a", "b") },
  { schema: z.literal("a"), values: fc.constant("a") },
  { schema: z.literal([1, true, null]), values: fc.constantFrom(1, true, null) },
  { schema: z.json(), values: fc.oneof(texts, fc.integer(), fc.dictionary(texts, fc.array(texts), { noNullPrototype: true })) },
  { schema: z.unknown(), values: fc.oneof(texts, fc.boolean(), fc.dictionary(texts, texts, { noNullPrototype: true })) },
]
const leaf = fc.constantFrom(...leaves)
const names = ["a", "b", "c"]

/** Mostly such as differ in a few places. */
export const versionPairs: fc.Arbitrary<VersionPair> = fc.letrec<{ any: VersionPair }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf.map(({ schema, values }) => ({ before: schema, after: schema, values })),
    fc.tuple(leaf, leaf).map(([one, other]) => ({ before: one.schema, after: other.schema, values: one.values })),
    tie("any")
      .chain((item) => fc.tuple(listOf(item), listOf(item)))
      .map(joined),
    fc
      .tuple(tie("any"), tie("any"))
      .chain((items) => fc.tuple(choiceOf(items), choiceOf(items)))
      .map(joined),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom(...names), tie("any")), { selector: ([name]) => name, minLength: 1 })
      .chain((fields) => fc.tuple(objectOf(fields), objectOf(fields)))
      .map(joined),
  ),
})).any

type Version = (which: "before" | "after") => Leaf

function joined([before, after]: readonly [Version, Version]): VersionPair {
  return { before: before("before").schema, after: after("after").schema, values: before("before").values }
}

function listOf(item: VersionPair): fc.Arbitrary<Version> {
  const some = (keys: readonly string[]) => fc.dictionary(fc.constantFrom(...keys), item.values, { noNullPrototype: true })
  const both = { a: item.values, b: item.values }
  return fc.constantFrom<Version>(
    (which) => ({ schema: z.array(item[which]), values: fc.array(item.values, { maxLength: 3 }) }),
    (which) => ({ schema: z.tuple([item[which]]), values: fc.tuple(item.values) }),
    (which) => ({ schema: z.tuple([item[which], item[which]]), values: fc.tuple(item.values, item.values) }),
    (which) => ({ schema: z.tuple([item[which]]).rest(item[which]), values: fc.array(item.values, { minLength: 1, maxLength: 3 }) }),
    (which) => ({
      schema: z.tuple([item[which], item[which].optional()]),
      values: fc.array(item.values, { minLength: 1, maxLength: 2 }),
    }),
    (which) => ({ schema: item[which].meta({ id: crypto.randomUUID() }), values: item.values }),
    (which) => ({ schema: z.partialRecord(z.enum(names), item[which]), values: some(names) }),
    (which) => ({ schema: z.looseRecord(z.string().regex(/^[ab]/), item[which]), values: some(["a", "b"]) }),
    (which) => ({
      schema: z.object({ a: item[which] }).and(z.object({ b: item[which].optional() })),
      values: fc.record(both, { requiredKeys: ["a"], noNullPrototype: true }),
    }),
    (which) => ({ schema: item[which].nullable(), values: fc.option(item.values) }),
    (which) => ({ schema: z.record(z.string(), item[which]), values: fc.dictionary(fc.constantFrom(...names), item.values) }),
  )
}

function choiceOf([one, other]: readonly [VersionPair, VersionPair]): fc.Arbitrary<Version> {
  return fc.constantFrom<Version>(
    (which) => ({ schema: one[which], values: one.values }),
    (which) => ({ schema: z.union([one[which], other[which]]), values: fc.oneof(one.values, other.values) }),
    (which) => ({
      schema: z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("one"), of: one[which] }),
        z.object({ kind: z.enum(["a", "b"]), of: other[which] }),
      ]),
      values: fc.oneof(
        fc.record({ kind: fc.constant("one"), of: one.values }),
        fc.record({ kind: fc.constantFrom("a", "b"), of: other.values }),
      ),
    }),
    (which) => ({ schema: z.union([other[which], one[which], z.null()]), values: fc.oneof(one.values, other.values, fc.constant(null)) }),
  )
}

function objectOf(fields: readonly (readonly [string, VersionPair])[]): fc.Arbitrary<Version> {
  const how = fc.constantFrom("needed", "needed", "optional", "defaulted", "gone")
  return fc
    .tuple(fc.array(how, { minLength: fields.length, maxLength: fields.length }), fc.boolean())
    .map(([hows, isStrict]) => (which) => {
      const kept = fields.map(([name, pair], index) => ({ name, pair, how: hows[index] })).filter((field) => field.how !== "gone")
      const shape = kept.map((field) => [field.name, fieldOf(field.pair[which], field.how)] as const)
      const values = Object.fromEntries(kept.map(({ name, pair }) => [name, pair.values]))
      const requiredKeys = kept.filter((field) => field.how === "needed").map(({ name }) => name)
      const make = isStrict ? z.strictObject : z.object
      return { schema: make(Object.fromEntries(shape)), values: fc.record(values, { requiredKeys, noNullPrototype: true }) }
    })
}

function fieldOf(schema: z.ZodType, how: string | undefined): z.ZodType {
  if (how === "defaulted") return schema.nullable().default(null)
  return how === "optional" ? schema.optional() : schema
}
