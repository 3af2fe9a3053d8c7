import type { Issue, JsonSchema } from "@hanok/contract"
import { pointerTo } from "./pointer.ts"

/**
 * Where a value is not of the type that a JSON Schema asks for. It looks at types alone, down through properties, items and
 * alternatives: for what the schema's library threw on, since checks of Zod also run on what is of another type.
 */
export function misfits(value: unknown, schema: JsonSchema, field = ""): readonly Issue[] {
  const { type, properties, additionalProperties, items, anyOf, oneOf } = schema
  const alternatives = anyOf ?? oneOf
  if (Array.isArray(alternatives)) return misfitsOfAll(value, alternatives.filter(isObject), field)
  if (typeof type === "string" && !isOf(type, value)) return [{ field, message: `expected ${type}` }]
  const below = (name: string | number, part: unknown, its: unknown) =>
    isObject(part) ? misfits(its, part, `${field}${pointerTo(name)}`) : []
  if (Array.isArray(value)) return value.flatMap((item, at) => below(at, items, item))
  if (!isObject(value)) return []
  const declared = isObject(properties) ? properties : {}
  return Object.entries(value).flatMap(([name, its]) =>
    below(name, Object.hasOwn(declared, name) ? declared[name] : additionalProperties, its),
  )
}

// It fits when it fits one of them; otherwise it is the first's that are told of.
function misfitsOfAll(value: unknown, alternatives: readonly JsonSchema[], field: string): readonly Issue[] {
  const found = alternatives.map((alternative) => misfits(value, alternative, field))
  return found.some(({ length }) => length === 0) ? [] : (found[0] ?? [])
}

function isOf(type: string, value: unknown): boolean {
  if (type === "null") return value === null
  if (type === "array") return Array.isArray(value)
  if (type === "object") return isObject(value)
  return type === "integer" ? Number.isInteger(value) : typeof value === type
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
