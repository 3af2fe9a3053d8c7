import { Fault, isFault } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { createParser } from "./parser.ts"

const parser = (schema: Parameters<typeof createParser>[0]) =>
  createParser(schema, (issues) => new Fault("INVALID_INPUT", "no", { issues }))

function faultOf(schema: Parameters<typeof createParser>[0], value: unknown): unknown {
  try {
    return parser(schema)(value)
  } catch (error) {
    return error
  }
}

// Checks of lengths run on anything that has a length, and comparing this one throws.
const hostile = { length: { toString: "x", valueOf: 1 } }

test.each([
  ["a text", z.object({ name: z.string().trim().min(1).max(100) }), { name: hostile }, "/name"],
  ["a text in a list", z.object({ "a/b": z.array(z.string().min(1)) }), { "a/b": ["x", hostile] }, "/a~1b/1"],
  ["a list", z.object({ lines: z.array(z.string()).min(1) }), { lines: hostile }, "/lines"],
  ["a text that may be none", z.object({ note: z.string().min(1).nullable() }), { note: hostile }, "/note"],
  ["a text under any name", z.record(z.string(), z.string().min(1)), { any: hostile }, "/any"],
  ["all of it", z.string().min(1), hostile, ""],
])("where a check of the library throws on what is no value for %s, the value is told to be wrong", (_, schema, value, field) => {
  const fault = faultOf(schema, value)
  expect(isFault(fault, "INVALID_INPUT") && fault.issues.map((issue) => issue.field)).toEqual([field])
})

test("a check that throws on a value of the right type says nothing against the value", () => {
  const schema = z.object({ text: z.string().refine((text) => JSON.parse(text) !== undefined) })
  expect(isFault(faultOf(schema, { text: "{" }), "INVALID_INPUT")).toBe(false)
})

const Line = z.object({ sku: z.string(), quantity: z.int(), note: z.string().min(1) })
const wrong = Array.from({ length: 200_000 }, () => ({ note: "" }))
const oneWrong = wrong.map((_, index) => ({ sku: "a", quantity: index === 150_000 ? "1" : 1, note: "n" }))

test.each([
  ["a list", z.object({ lines: z.array(Line) }), { lines: wrong }, ["/lines/0/sku", "/lines/0/quantity", "/lines/0/note"]],
  ["a list, far behind", z.object({ lines: z.array(Line) }), { lines: oneWrong }, ["/lines/150000/quantity"]],
  ["a list that may be none", z.array(Line).nullable().optional(), wrong, ["/0/sku", "/0/quantity", "/0/note"]],
  ["a record", z.record(z.string(), Line), Object.fromEntries(wrong.entries()), ["/0/sku", "/0/quantity", "/0/note"]],
  ["a list that is too long", z.array(Line).max(9), wrong, [""]],
  [
    "a list of which nothing is wrong but the whole",
    z.object({ lines: z.array(Line).min(200_001) }),
    { lines: oneWrong.slice(150_001) },
    ["/lines"],
  ],
  ["one choice of some", z.object({ lines: z.union([z.array(Line), z.string()]) }), { lines: wrong }, ["/lines"]],
  [
    "the choice that is named",
    z.discriminatedUnion("kind", [z.object({ kind: z.literal("text") }), z.object({ kind: z.literal("lines"), lines: z.array(Line) })]),
    { kind: "lines", lines: wrong },
    ["/lines/0/sku", "/lines/0/quantity", "/lines/0/note"],
  ],
  [
    "a choice that there is not",
    z.discriminatedUnion("kind", [z.object({ kind: z.literal("text") })]),
    { kind: "", lines: wrong },
    ["/kind"],
  ],
])("of very many values that do not fit in %s a hundred are told of, the first ones", (_, schema, value, first) => {
  const fault = faultOf(schema, value)
  if (!isFault(fault, "INVALID_INPUT")) throw new Error("It fits.")
  expect(fault.issues.length).toBeLessThanOrEqual(100)
  expect(fault.issues.slice(0, first.length).map((issue) => issue.field)).toEqual(first)
})

test("of a value of a thousand parts or less a hundred are told of, too", () => {
  const fault = faultOf(z.array(Line), wrong.slice(0, 100))
  expect(isFault(fault, "INVALID_INPUT") && fault.issues.length).toBe(100)
})

test("the library is not asked about more parts of a large value than are told of", () => {
  let asked = 0
  const counted = z.string().refine(() => void asked++)
  faultOf(z.object({ lines: z.array(z.object({ note: counted })) }), { lines: wrong })
  expect(asked).toBeLessThan(1_000)
})

test("what is said of a value that does not fit has an end, however long the name or the list of what is allowed", () => {
  const values = Array.from({ length: 5_000 }, (_, index) => `VALUE_${index}`)
  const fault = faultOf(z.record(z.string(), z.enum(values)), { ["k".repeat(100_000)]: "no" })
  if (!isFault(fault, "INVALID_INPUT")) throw new Error("It fits.")
  expect(fault.issues).toEqual([{ field: `/${"k".repeat(999)}…`, message: expect.stringMatching(/VALUE_0.*…$/) }])
  expect(fault.issues[0]?.message).toHaveLength(1_001)
})
