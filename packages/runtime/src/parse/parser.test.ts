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
