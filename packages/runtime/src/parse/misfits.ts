import type { Issue, JsonSchema } from "@hanok/contract"

/**
 * Where a value is not of the type that a JSON Schema asks for. It looks at types, properties and items alone: for what the schema's
 * library threw on, since checks of Zod also run on what is of another type.
 */
export function misfits(value: unknown, schema: JsonSchema, field = ""): readonly Issue[] {
  const { type, properties, items } = schema
  if (typeof type === "string" && !isOf(type, value)) return [{ field, message: `expected ${type}` }]
  if (type === "array" && Array.isArray(value) && isSchema(items))
    return value.flatMap((item, at) => misfits(item, items, `${field}/${at}`))
  if (type !== "object" || !isSchema(properties) || !isSchema(value)) return []
  return Object.entries(properties).flatMap(([name, property]) =>
    isSchema(property) && Object.hasOwn(value, name)
      ? misfits(value[name], property, `${field}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`)
      : [],
  )
}

function isOf(type: string, value: unknown): boolean {
  if (type === "null") return value === null
  if (type === "array") return Array.isArray(value)
  if (type === "object") return isSchema(value)
  return type === "integer" ? Number.isInteger(value) : typeof value === type
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
