import { expect, test } from "vitest"
import { z } from "zod"
import { httpBindingOf } from "./http-binding.ts"
import { query } from "./operation.ts"

const numbered = z.object({ by: z.literal("number"), value: z.int(), page: z.int().nullable(), tags: z.array(z.int()) })
const named = z.object({ by: z.literal("name"), value: z.string(), page: z.int(), tags: z.array(z.string()).optional() })
const choices = [z.discriminatedUnion("by", [numbered, named]), z.discriminatedUnion("by", [named, numbered])] as const

function overQuery(input: (typeof choices)[number], value: z.infer<(typeof choices)[number]>): unknown {
  const binding = httpBindingOf(query({ input, output: z.object({}), http: "GET /found" }))
  return binding?.decode(binding.encode(value))
}

test("a field that is another in each choice of inputs arrives in a query as the choice has it, wherever that stands", () => {
  for (const input of choices) {
    for (const value of [
      { by: "number", value: 5, page: null, tags: [1, 2] },
      { by: "number", value: 5, page: 1, tags: [] },
      { by: "name", value: "5", page: 1, tags: ["1", "a"] },
      { by: "name", value: "five", page: 1 },
    ] as const) {
      expect(overQuery(input, value as z.infer<typeof input>)).toEqual(value)
    }
  }
})

test("where nothing tells which choice it is, text becomes what any of them can have", () => {
  const input = z.union([z.object({ size: z.int() }), z.object({ size: z.enum(["small", "large"]) })])
  const binding = httpBindingOf(query({ input, output: z.object({}), http: "GET /found" }))
  expect(["3", "large"].map((size) => binding?.decode({ path: {}, query: { size }, body: undefined }))).toEqual([
    { size: 3 },
    { size: "large" },
  ])
})

test("what chooses may stand in the path or in the body, too", () => {
  const input = z.discriminatedUnion("by", [
    z.object({ by: z.literal("number"), value: z.int() }),
    z.object({ by: z.literal("name"), value: z.string() }),
  ])
  const output = z.object({})
  const bindings = (["GET /found/{by}", "GET /found/{by}/{value}", "PUT /found/{by}/{value}", "PUT /found/{value}"] as const).map((http) =>
    httpBindingOf(query({ input, output, http })),
  )
  for (const value of [
    { by: "number", value: 5 },
    { by: "name", value: "5" },
    { by: "name", value: "true" },
  ]) {
    for (const binding of bindings) expect(binding?.decode(binding.encode(value))).toEqual(value)
  }
})

test("a text that stands alone is no list of one where the schema has that text in place of a list, or lists of no texts", () => {
  const input = z.object({
    ids: z.union([z.literal("all"), z.array(z.string())]),
    near: z.union([z.array(z.int()), z.enum(["here", "there"])]).optional(),
    size: z.union([z.array(z.int()), z.string()]).optional(),
    kinds: z
      .array(z.enum(["a", "b"]))
      .or(z.string())
      .optional(),
  })
  const binding = httpBindingOf(query({ input, output: z.object({}), http: "GET /found" }))
  for (const value of [
    { ids: "all", near: "here", size: "large", kinds: "c" },
    { ids: ["7"], near: [1], size: [1], kinds: ["a"] },
    { ids: ["all", "7"], near: [1, 2], size: [1, 2], kinds: ["a", "b"] },
  ]) {
    expect(binding?.decode(binding.encode(value))).toEqual(value)
  }
})
