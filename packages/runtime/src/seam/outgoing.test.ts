import { isFault, query } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { createOutgoing } from "./outgoing.ts"

const place = query({
  input: z.object({ text: z.string(), note: z.string().optional(), free: z.unknown(), counts: z.record(z.string(), z.int()).optional() }),
  output: z.object({}),
})
const outgoing = createOutgoing("order", "place", place)

function faultOf(input: unknown) {
  try {
    return outgoing(input)
  } catch (error) {
    return isFault(error) ? [error.code, error.issues] : error
  }
}

test("what is sent is a copy with the declared fields only", () => {
  const input = { text: "x", free: { any: ["thing"] }, secret: "s", order: new Map(), self: undefined as unknown }
  input.self = input
  const sent = outgoing(input)
  expect(sent).toEqual({ text: "x", free: { any: ["thing"] } })
  expect((sent as typeof input).free).not.toBe(input.free)
})

test("a property that is there but undefined stays there", () => {
  expect(Object.keys(outgoing({ text: "x", note: undefined, free: undefined }) as object)).toEqual(["text", "note", "free"])
})

test("what JSON cannot carry is the fault that the schema has for it", () => {
  expect(faultOf({ text: new Date(0), free: 1 })).toMatchObject(["INVALID_INPUT", [{ field: "/text" }]])
  expect(faultOf({ text: "x", free: new Set() })).toEqual(["INVALID_INPUT", [{ field: "/free", message: "a Set is not JSON" }]])
})

test("what is no JSON is sent as the schema makes it, which it may do in this process only", () => {
  const at = query({
    input: z.object({ at: z.preprocess((value) => (value instanceof Date ? value.toISOString() : value), z.string()) }),
    output: z.object({}),
  })
  const input = { at: new Date(0) }
  expect(createOutgoing("order", "place", at)(input)).toEqual({ at: "1970-01-01T00:00:00.000Z" })
})

test("a field that a strict schema refuses is sent, so that the callee refuses it as it would in one process", () => {
  const strict = z.strictObject({ a: z.int() })
  const input = z.object({ one: strict, either: z.union([strict, z.null()]), filled: z.strictObject({ a: z.int().default(1) }) })
  const value = { one: { a: 1, b: 2 }, either: { a: 1, b: 2 }, filled: { b: 2 }, secret: 3 }
  const { secret: _, ...sent } = value
  expect(createOutgoing("order", "place", query({ input, output: z.object({}) }))(value)).toEqual(sent)
})
