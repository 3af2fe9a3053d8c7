import type { JsonSchema } from "./schema.ts"

const withOne = new Set([
  "items",
  "additionalItems",
  "additionalProperties",
  "contains",
  "propertyNames",
  "not",
  "if",
  "then",
  "else",
  "unevaluatedItems",
  "unevaluatedProperties",
])
const withList = new Set(["anyOf", "oneOf", "allOf", "prefixItems", "items"])
const withNames = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"])

/** The schema that says nothing; one value, so that a pair that has it is known again. */
export const anything: JsonSchema = {}

export function isJsonSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** The same schema with `map` applied to each of the schemas directly in it. */
export function mapSubschemas(schema: JsonSchema, map: (subschema: JsonSchema) => JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, mapKeyword(keyword, value, map)]))
}

/**
 * The schema for those who read what fits it, without a word against further fields: a later version of the contract may say more, and
 * a reader that was told otherwise would fail on it.
 */
export function openly(schema: JsonSchema): JsonSchema {
  const { additionalProperties, ...rest } = mapSubschemas(schema, openly)
  return additionalProperties === undefined || additionalProperties === false ? rest : { ...rest, additionalProperties }
}

/** The schema that is meant, where it is a reference into `root`; one that leads nowhere allows anything. */
export function dereferenced(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const reference = schema["$ref"]
  if (typeof reference !== "string") return schema
  if (!/^#(\/|$)/.test(reference)) return anything
  const found = reference
    .split("/")
    .slice(1)
    .reduce<unknown>((part, name) => (isJsonSchema(part) ? part[name.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined), root)
  return isJsonSchema(found) ? found : anything
}

/** The alternatives and parts of a schema, where they stand and where they are referred to. */
export function choicesOf(schema: JsonSchema, root: JsonSchema): readonly JsonSchema[] {
  return ["anyOf", "oneOf", "allOf"].flatMap((word) => {
    const choices = schema[word]
    return Array.isArray(choices) ? choices.filter(isJsonSchema).map((choice) => dereferenced(choice, root)) : []
  })
}

/** Every schema directly in this one. */
export function subschemasOf(schema: JsonSchema): readonly JsonSchema[] {
  const found: JsonSchema[] = []
  mapSubschemas(schema, (subschema) => {
    found.push(subschema)
    return subschema
  })
  return found
}

/** The schema's own definitions, by the reference that points at each. */
export function definitionsOf(schema: JsonSchema): ReadonlyMap<string, JsonSchema> {
  const entries = ["$defs", "definitions"].flatMap((keyword) => {
    const definitions = schema[keyword]
    return isJsonSchema(definitions)
      ? Object.entries(definitions).map(([name, value]) => [`#/${keyword}/${escaped(name)}`, value] as const)
      : []
  })
  return new Map([["#", schema], ...entries.flatMap(([name, value]) => (isJsonSchema(value) ? [[name, value] as const] : []))])
}

function mapKeyword(keyword: string, value: unknown, map: (subschema: JsonSchema) => JsonSchema): unknown {
  if (withList.has(keyword) && Array.isArray(value)) return value.map((item: unknown) => (isJsonSchema(item) ? map(item) : item))
  if (!isJsonSchema(value)) return value
  if (withOne.has(keyword)) return map(value)
  if (!withNames.has(keyword)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, isJsonSchema(item) ? map(item) : item]))
}

// RFC 6901, section 3.
function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1")
}
