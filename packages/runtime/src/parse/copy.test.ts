import { Fault, jsonSchemaOf } from "@hanok/contract"
import { scope, type } from "arktype"
import { assert, jsonValue, property } from "fast-check"
import { expect, test } from "vitest"
import { z } from "zod"
import { copyDeclared, copySendable } from "./copy.ts"

const toFault = (issues: Fault["issues"]) => new Fault("INVALID_INPUT", "not JSON", { issues })

test("a copy of JSON is equal to it, but for -0, and shares nothing with it", () => {
  const json = jsonValue().filter((value) => !JSON.stringify(value).includes("__proto__"))
  assert(
    property(json, (value) => {
      const copied = copyDeclared(value, {}, toFault)
      expect(copied).toEqual(JSON.parse(JSON.stringify(value)))
      if (typeof value === "object" && value !== null) expect(copied).not.toBe(value)
    }),
  )
})

test("undeclared fields, undefined ones and __proto__ are left out", () => {
  const schema = jsonSchemaOf(z.object({ a: z.object({ b: z.int() }), free: z.unknown() }), "output")
  const value = { a: { b: 1, c: 2 }, d: 3, free: JSON.parse('{"__proto__":{"x":1},"e":4}') as unknown, f: undefined }
  expect(copyDeclared(value, schema, toFault)).toEqual({ a: { b: 1 }, free: { e: 4 } })
})

test("what no alternative declares is left out, at every level", () => {
  const Cat = type({ kind: "'cat'", lives: "number", tags: type({ name: "string" }).array() })
  const schema = jsonSchemaOf(Cat.or({ kind: "'dog'", owner: { name: "string" } }).or("null"), "output")
  const cat = { kind: "cat", lives: 9, secret: 1, tags: [{ name: "a", secret: 1 }] }
  expect(copyDeclared(cat, schema, toFault)).toEqual({ kind: "cat", lives: 9, tags: [{ name: "a" }] })
  expect(copyDeclared({ kind: "dog", owner: { name: "b", secret: 1 } }, schema, toFault)).toEqual({ kind: "dog", owner: { name: "b" } })
  expect(copyDeclared({ a: 1, b: { c: 2 } }, { anyOf: [{ type: "object" }, { type: "string" }] }, toFault)).toEqual({ a: 1, b: { c: 2 } })
})

test("what is sent keeps undefined where it was", () => {
  expect(copyDeclared({ list: [1, undefined], none: undefined }, {}, toFault)).toStrictEqual({ list: [1, null] })
  expect(copySendable({ list: [1, undefined], none: undefined }, {}, toFault)).toStrictEqual({ list: [1, undefined], none: undefined })
})

test("an item that is missing from a list is null like one that is undefined", () => {
  const sparse: unknown[] = [1]
  sparse[2] = undefined
  expect(copyDeclared(sparse, {}, toFault)).toStrictEqual([1, null, null])
})

test("-0 becomes 0", () => {
  expect(Object.is(copyDeclared(-0, {}, toFault), 0)).toBe(true)
})

test.each([Number.NaN, 1n, new Date(0), new Map(), new Set(), /x/, () => 1, Symbol("x"), new Uint8Array(1), new Error("x")])(
  "%s is refused with the place where it stands",
  (value) => {
    const copying = () => copyDeclared({ "a/b": [value] }, {}, toFault)
    expect(copying).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ field: "/a~1b/0" })] }))
  },
)

test("undeclared fields are left out where a schema refers to itself, too", () => {
  const { node } = scope({ node: { name: "string", "children?": "node[]", "next?": "node | null" } }).export()
  const value = { name: "a", secret: 1, children: [{ name: "b", secret: 2, next: { name: "c", secret: 3 } }] }
  const expected = { name: "a", children: [{ name: "b", next: { name: "c" } }] }
  expect(copyDeclared(value, jsonSchemaOf(node, "output"), toFault)).toEqual(expected)
})
