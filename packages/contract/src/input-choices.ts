import { canonicalJson } from "./canonical-json.ts"
import { choicesOf, dereferenced, isJsonSchema } from "./json-schema.ts"
import type { JsonSchema } from "./schema.ts"
import { alternativesOf, requiredOf } from "./schema-parts.ts"

/** An input that leaves no choice. */
export interface InputChoice {
  readonly fields: ReadonlyMap<string, JsonSchema>
  readonly required: ReadonlySet<string>
}

/** All that an object schema can be; one when it is no choice of objects. */
export function inputChoicesOf(schema: JsonSchema, root: JsonSchema = schema): readonly InputChoice[] {
  const { anyOf: _, oneOf: __, ...own } = schema
  const fields = fieldsOf(own, root)
  const required = requiredOf(own)
  const alternatives = alternativesOf(schema).flatMap((each) => inputChoicesOf(dereferenced(each, root), root))
  if (alternatives.length === 0) return [{ fields, required }]
  return alternatives.map((each) => ({ fields: new Map([...each.fields, ...fields]), required: new Set([...each.required, ...required]) }))
}

/** The fields of an object schema, also where it is a choice of objects: what is another in each of them can be any of those. */
export function fieldsOf(schema: JsonSchema, root: JsonSchema = schema): ReadonlyMap<string, JsonSchema> {
  const own = isJsonSchema(schema["properties"]) ? Object.entries(schema["properties"]) : []
  const chosen = Map.groupBy(
    choicesOf(schema, root).flatMap((choice) => Array.from(fieldsOf(choice, root))),
    ([name]) => name,
  )
  const either = [...chosen].map(([name, fields]) => [name, anyOf(fields.map(([, field]) => field))] as const)
  return new Map([...either, ...own].filter((entry): entry is [string, JsonSchema] => isJsonSchema(entry[1])))
}

export function anyOf(schemas: readonly JsonSchema[]): JsonSchema | undefined {
  const [only, ...others] = new Map(schemas.map((schema) => [canonicalJson(schema), schema])).values()
  return only && others.length > 0 ? { anyOf: [only, ...others] } : only
}
