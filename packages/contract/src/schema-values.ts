import { isAnything } from "./schema-parts.ts"
import type { JsonSchema } from "./schema.ts"

function typesOf(schema: JsonSchema): readonly string[] {
  const type = schema["type"]
  if (typeof type === "string") return [type]
  return Array.isArray(type) ? type.map(String) : []
}

/** The fixed values as JSON text; `undefined` when the schema fixes none. */
function valuesOf(schema: JsonSchema): readonly string[] | undefined {
  if ("const" in schema) return [JSON.stringify(schema["const"])]
  const values = schema["enum"]
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)) : undefined
}

/** All values that there can be, as JSON text, where they can be counted: also those of a type that has but one or two. */
function countedValuesOf(schema: JsonSchema): readonly string[] | undefined {
  const types = typesOf(schema)
  const ofTypes = types.map((type) => countable[type])
  const counted = ofTypes.length === 0 || ofTypes.includes(undefined) ? undefined : ofTypes.flatMap((values) => values ?? [])
  return valuesOf(schema) ?? counted
}

/** Whether some of its values may have that type. */
export function mayBe(schema: JsonSchema, type: string): boolean {
  const types = valuesOf(schema)?.map((text) => typeNameOf(JSON.parse(text))) ?? typesOf(schema)
  return types.length === 0 || types.includes(type)
}

/** Simpler schemas that together say what this one says; `undefined` when it is simple. */
export function splitOf(schema: JsonSchema): readonly JsonSchema[] | undefined {
  if (isAnything(schema)) return ofEachType
  const [values, types] = [countedValuesOf(schema), typesOf(schema)]
  const parts = values
    ? values.map((text) => ({ const: JSON.parse(text) as unknown }))
    : (types.length > 0 ? types : allTypes).map((type) => Object.assign({}, schema, { type }))
  return parts.length > 1 ? parts : undefined
}

/** What of `from` has none of the types that `to` is said to have, in words. */
export function typeTrouble(from: JsonSchema, to: JsonSchema): string | undefined {
  const expected = typesOf(to)
  const given = valuesOf(from)?.map((text) => typeNameOf(JSON.parse(text))) ?? typesOf(from)
  const fits = (type: string) => expected.includes(type) || (type === "integer" && expected.includes("number"))
  if (expected.length === 0 || (given.length > 0 && given.every(fits))) return undefined
  return `it is ${[...new Set(given)].join(" or ") || "anything"}, where ${expected.join(" or ")} is expected`
}

/** What of `from` is none of the values that `to` fixes, in words. */
export function valueTrouble(from: JsonSchema, to: JsonSchema): string | undefined {
  const expected = valuesOf(to)
  if (!expected) return undefined
  const others = countedValuesOf(from)?.filter((value) => !expected.includes(value))
  if (others?.length === 0) return undefined
  return others ? `it can be ${others.join(", ")}, which is not expected` : "it can be any value, where a few are expected"
}

/** Whether both fix their values, and have none in common. */
export function areApart(one: JsonSchema, other: JsonSchema): boolean {
  const [mine, theirs] = [valuesOf(one), valuesOf(other)]
  return mine !== undefined && theirs !== undefined && !mine.some((value) => theirs.includes(value))
}

const allTypes = ["null", "boolean", "number", "string", "array", "object"]
/** The same values each time, so that a pair that has one is known again. */
const ofEachType: readonly JsonSchema[] = allTypes.map((type) => ({ type }))
const countable: Readonly<Record<string, readonly string[]>> = { boolean: ["true", "false"], null: ["null"] }

function typeNameOf(value: unknown): string {
  if (value === null) return "null"
  if (Number.isInteger(value)) return "integer"
  return Array.isArray(value) ? "array" : typeof value
}
