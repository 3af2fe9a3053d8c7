import { Fault } from "@hanok/contract"
import {
  anything,
  array,
  assert,
  boolean,
  constant,
  constantFrom,
  dictionary,
  integer,
  jsonValue,
  letrec,
  oneof,
  property,
  record,
  tuple,
} from "fast-check"
import type { Arbitrary } from "fast-check"
import { expect, test } from "vitest"
import { z } from "zod"
import { createParser } from "../parser.ts"
import { compileZod } from "./compile.ts"
import { unsure } from "./draft.ts"

const texts = constantFrom(
  "",
  "a",
  "ab",
  "abc",
  "😀",
  "😀😀",
  "a😀",
  "toString",
  "2026-01-02T03:04:05Z",
  "4b9f7a3e-3a52-4c08-9d3c-6a6c0f3c3a11",
  "a@b.co",
)
const numbers = oneof(integer(), constantFrom(0, -0, 1.5, 3, 2 ** 31, 2 ** 53, -(2 ** 60), Number.NaN, Number.POSITIVE_INFINITY))

/** A schema, and values that have a good chance to fit it. */
interface Pair {
  readonly schema: z.ZodType
  readonly fitting: Arbitrary<unknown>
}

const textSchemas = [
  z.string(),
  z.string().min(2).max(3),
  z.string().length(2),
  z.string().trim(),
  z.string().min(2).toUpperCase().max(3).trim().min(1),
  z.string().regex(/^a/g),
  z.string().regex(/^[a-c]{1,2}$/),
  z.string().startsWith("a"),
  z.string().refine((text) => text !== "ab"),
  z.coerce.string(),
  z.uuid(),
  z.email(),
  z.iso.datetime(),
  z.literal("a"),
  z.enum(["a", "ab", "toString"]),
  z
    .string()
    .transform((text) => text.length)
    .pipe(z.int()),
]
const numberSchemas = [
  z.number().refine((number) => Object.is(number, -0) || number > 1),
  z.int().refine((number) => (number === 3 ? undefined : "yes")),
  z.number(),
  z.number().min(1).max(3),
  z.number().gt(1).multipleOf(3),
  z.int(),
  z.int32(),
  z.uint32(),
]
const otherSchemas = [z.boolean(), z.null(), z.unknown(), z.any(), z.literal(["ab", 3, null, 0])]

const scalars: Arbitrary<Pair> = oneof(
  constantFrom<z.ZodType>(...textSchemas).map((schema) => ({ schema, fitting: texts })),
  constantFrom<z.ZodType>(...numberSchemas).map((schema) => ({ schema, fitting: numbers })),
  constantFrom<z.ZodType>(...otherSchemas).map((schema) => ({ schema, fitting: constantFrom<unknown>(true, null, 3, 0, -0, "ab") })),
)

const pairs: Arbitrary<Pair> = letrec<{ pair: Pair }>((tie) => ({
  pair: oneof(
    { depthSize: "small", withCrossShrink: true },
    scalars,
    tie("pair").map(({ schema, fitting }) => ({ schema: schema.optional(), fitting: oneof(fitting, constant(undefined)) })),
    tie("pair").map(({ schema, fitting }) => ({ schema: schema.nullable(), fitting: oneof(fitting, constant(null)) })),
    tie("pair").map(({ schema, fitting }) => ({ schema: schema.readonly(), fitting })),
    tuple(tie("pair"), constantFrom<unknown>(null, "a", 3, -0, true, [])).map(([{ schema, fitting }, value]) => ({
      schema: schema.default(value as never),
      fitting,
    })),
    tie("pair").map(({ schema, fitting }) => ({ schema: z.array(schema), fitting: array(fitting, { maxLength: 3 }) })),
    tie("pair").map(({ schema, fitting }) => ({ schema: z.array(schema).min(1).max(2), fitting: array(fitting, { maxLength: 3 }) })),
    tie("pair").map(({ schema, fitting }) => ({
      schema: z.array(schema).refine((list) => list.length !== 1),
      fitting: array(fitting, { maxLength: 2 }),
    })),
    tuple(tie("pair"), constantFrom("strip", "strict")).map(([a, mode]) => ({
      schema: objectOf({ a: a.schema, ab: z.int().optional() }, mode).refine((value) => Object.keys(value as object).length !== 2),
      fitting: record({ a: a.fitting, ab: integer(), other: jsonValue() }, { requiredKeys: ["a"] }),
    })),
    tie("pair").map(({ schema, fitting }) => ({
      schema: z.record(z.string(), schema),
      fitting: dictionary(texts, fitting, { maxKeys: 3 }),
    })),
    tuple(tie("pair"), tie("pair")).map(([a, b]) => ({ schema: z.union([a.schema, b.schema]), fitting: oneof(a.fitting, b.fitting) })),
    tuple(tie("pair"), tie("pair"), constantFrom("strip", "strict", "loose")).map(([a, ab, mode]) => ({
      schema: objectOf({ a: a.schema, ab: ab.schema }, mode),
      fitting: record({ a: a.fitting, ab: ab.fitting, other: jsonValue() }, { requiredKeys: ["a"] }),
    })),
    tuple(tie("pair"), tie("pair")).map(([a, ab]) => ({
      schema: z.discriminatedUnion("kind", [
        z.object({ kind: z.literal("a"), a: a.schema }),
        z.object({ kind: z.literal("ab"), ab: ab.schema.optional() }),
      ]),
      fitting: record({ kind: constantFrom("a", "ab", "none"), a: a.fitting, ab: ab.fitting }, { requiredKeys: ["kind", "a"] }),
    })),
  ),
})).pair

function objectOf(shape: Record<string, z.ZodType>, mode: string): z.ZodType {
  if (mode === "strip") return z.object(shape)
  return mode === "strict" ? z.strictObject(shape) : z.looseObject(shape)
}

const values: Arbitrary<unknown> = letrec((tie) => ({
  value: oneof(
    { depthSize: "small", withCrossShrink: true },
    texts,
    numbers,
    boolean(),
    constantFrom(null, undefined, new Date(0), new Map([["a", 1]])),
    oneof(tie("value")).map((value) => [value, value]),
    dictionary(constantFrom("a", "ab", "kind", "__proto__", "other"), tie("value"), { maxKeys: 4 }),
    record({ kind: constantFrom("a", "ab", "none"), a: tie("value"), ab: tie("value") }, { requiredKeys: ["kind"] }),
    constant(Object.create({ a: "inherited" }) as unknown),
    anything({ maxDepth: 1 }),
  ),
})).value

const cases = pairs.chain(({ schema, fitting }) => tuple(constant(schema), oneof(fitting, fitting, fitting, values)))

const outcome = (parse: () => unknown): unknown => {
  try {
    return { output: parse() }
  } catch (error) {
    return error instanceof Fault ? { issues: error.issues } : { thrown: String(error) }
  }
}

const toFault = (issues: Fault["issues"]) => new Fault("INVALID_INPUT", "refused", { issues })

test("a compiled parser says of every schema and value what the library's own check and a copy say", () => {
  // A schema of another kind around it is never compiled, so this is the library's answer.
  const byLibrary = (schema: z.ZodType) => createParser(z.pipe(z.any(), schema), toFault)
  let compiled = 0
  assert(
    property(cases, ([schema, value]) => {
      const answer = compileZod(schema, () => () => unsure)?.parse(value)
      if (typeof answer !== "symbol" && answer !== undefined) compiled++
      const expected = outcome(() => byLibrary(schema)(value))
      expect(outcome(() => createParser(schema, toFault)(value))).toEqual(expected)
    }),
    { numRuns: 6_000 },
  )
  expect(compiled).toBeGreaterThan(300)
})

test("what comes out of a compiled parser shares nothing with what went in", () => {
  const schema = z.object({ list: z.array(z.object({ n: z.int() })), map: z.record(z.string(), z.object({ n: z.int() })) })
  const value = { list: [{ n: 1 }], map: { a: { n: 1 } } }
  const parsed = compileZod(schema, () => () => unsure)?.parse(value) as typeof value
  expect(parsed).toEqual(value)
  expect([parsed === value, parsed.list === value.list, parsed.list[0] === value.list[0], parsed.map["a"] === value.map["a"]]).toEqual([
    false,
    false,
    false,
    false,
  ])
})

test("a refinement is asked once about a value that fits, and about what was parsed of it", () => {
  const asked: unknown[] = []
  const schema = z.object({ from: z.int(), to: z.int() }).refine((value) => asked.push(value) > 0 && value.from < value.to)
  const parse = createParser(schema, toFault)
  expect(parse({ from: 1, to: 2, other: 3 })).toEqual({ from: 1, to: 2 })
  expect(asked).toEqual([{ from: 1, to: 2 }])
  expect(() => parse({ from: 2, to: 1 })).toThrow(expect.objectContaining({ issues: [{ field: "", message: "Invalid input" }] }))
})

test("a refinement that throws is told of as by the library", () => {
  const schema = z.object({ a: z.string() }).refine(() => {
    throw new RangeError("from the contract")
  })
  expect(() => createParser(schema, toFault)({ a: "" })).toThrow("from the contract")
})

test("a schema that holds itself is parsed to any depth", () => {
  const Tree = z.object({
    name: z.string(),
    get children() {
      return z.array(Tree)
    },
  })
  const parse = createParser(Tree, toFault)
  const tree = { name: "a", children: [{ name: "b", children: [{ name: "c", children: [] }] }] }
  expect(parse(tree)).toEqual(tree)
  expect(() => parse({ ...tree, children: [{ name: 1 }] })).toThrow(expect.objectContaining({ issues: expect.any(Array) as unknown }))
})

test("a default inside of an optional property is filled in", () => {
  const schema = z.object({ a: z.int().default(3).nullable().optional(), b: z.union([z.string(), z.int().default(4)]).optional() })
  expect(createParser(schema, toFault)({})).toEqual(schema.parse({}))
})

test("a default that a function makes is made anew for each value", () => {
  let made = 0
  const schema = z.object({ id: z.string().default(() => `id-${made++}`), at: z.union([z.number(), z.null()]).default(() => -0) })
  const parse = createParser(schema, toFault)
  const ids = Array.from({ length: 3 }, () => (parse({ at: 1 }) as { readonly id: string }).id)
  expect(new Set(ids).size).toBe(3)
  expect(parse({ id: "a" })).toEqual({ id: "a", at: 0 })
})

test("of an exclusive choice only one option may accept", () => {
  const schema = z.xor([z.object({ card: z.string() }), z.object({ iban: z.string() })])
  const parse = createParser(schema, toFault)
  expect(parse({ iban: "DE1" })).toEqual({ iban: "DE1" })
  expect(() => parse({ card: "1", iban: "DE1" })).toThrow(expect.objectContaining({ issues: [expect.anything()] }))
})

test("a discriminator chooses its option, also when another one would take any value for it", () => {
  const schema = z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("a").catch("a"), n: z.int() }),
    z.object({ kind: z.literal("b"), n: z.int() }),
  ])
  expect(createParser(schema, toFault)({ kind: "b", n: 1 })).toEqual({ kind: "b", n: 1 })
})
