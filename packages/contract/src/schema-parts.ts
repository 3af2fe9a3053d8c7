import { anything, dereferenced, isJsonSchema } from "./json-schema.ts"
import type { JsonSchema } from "./schema.ts"

export interface ListParts {
  /** Of the first items, one by one. */
  readonly first: readonly JsonSchema[]
  /** Of all others, where they are spoken of. */
  readonly rest: JsonSchema | undefined
  /** Whether there are no others, or none that anybody knows of. */
  readonly isClosed: boolean
  readonly least: number
}

export function listPartsOf(schema: JsonSchema): ListParts {
  const { prefixItems, items, minItems, maxItems } = schema
  const first = Array.isArray(prefixItems) ? prefixItems.map(schemaOf) : []
  const isClosed = items === false || (items === undefined && first.length > 0)
  return {
    first,
    rest: isClosed || items === undefined ? undefined : schemaOf(items),
    isClosed,
    // Zod before 4.5 says nothing of how many there are, and means all of them.
    least: typeof minItems === "number" ? minItems : items === false || maxItems !== undefined ? 0 : first.length,
  }
}

export function fieldsOf(schema: JsonSchema): ReadonlyMap<string, JsonSchema> {
  return schemasByName(schema["properties"])
}

/** The schemas of fields by the pattern of their names. */
export function patternsOf(schema: JsonSchema): ReadonlyMap<string, JsonSchema> {
  return schemasByName(schema["patternProperties"])
}

function schemasByName(named: unknown): ReadonlyMap<string, JsonSchema> {
  return new Map(isJsonSchema(named) ? Object.entries(named).map(([name, value]) => [name, schemaOf(value)]) : [])
}

/** The schema of all fields that have none of their own, where they are spoken of. */
export function otherFieldsOf(schema: JsonSchema): JsonSchema | undefined {
  const others = schema["additionalProperties"]
  return others === undefined || others === false ? undefined : schemaOf(others)
}

export function requiredOf(schema: JsonSchema): ReadonlySet<string> {
  const required = schema["required"]
  return new Set(Array.isArray(required) ? required.map(String) : [])
}

export function alternativesOf(schema: JsonSchema): readonly JsonSchema[] {
  return schemasIn(schema["anyOf"] ?? schema["oneOf"])
}

export function schemasIn(list: unknown): readonly JsonSchema[] {
  return Array.isArray(list) ? list.map(schemaOf) : []
}

/** Whether it says nothing. */
export function isAnything(schema: JsonSchema): boolean {
  return Object.keys(schema).length === 0
}

/** Whether no value fits it, as it says itself. */
export function isImpossible({ not }: JsonSchema): boolean {
  return isJsonSchema(not) && isAnything(not)
}

/** The schema with what each part of its `allOf` says, as far as that can be said at once: more values fit it, not fewer. */
export function joined(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (schema["allOf"] === undefined) return schema
  const { allOf, ...own } = schema
  const parts = [...schemasIn(allOf).map((part) => joined(dereferenced(part, root), root)), own]
  const properties = Object.fromEntries(parts.flatMap((part) => [...fieldsOf(part)]))
  const required = parts.flatMap((part) => [...requiredOf(part)])
  return Object.assign({}, ...parts, Object.keys(properties).length > 0 && { properties }, required.length > 0 && { required })
}

/** What fits the schema by that one of its alternatives. */
export function narrowed(schema: JsonSchema, alternative: JsonSchema): JsonSchema {
  const { anyOf: _, oneOf: __, ...own } = schema
  return saysShape.some((keyword) => keyword in own) ? { ...own, allOf: [alternative] } : alternative
}

const saysShape = ["type", "const", "enum", "properties", "required", "additionalProperties", "propertyNames", "prefixItems", "items"]

function schemaOf(value: unknown): JsonSchema {
  if (value === false) return { not: {} }
  return isJsonSchema(value) ? value : anything
}
