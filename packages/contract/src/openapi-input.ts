import type { HttpBinding } from "./http-binding.ts"
import { fieldsOf } from "./input-choices.ts"
import { isJsonSchema, dereferenced } from "./json-schema.ts"
import type { OpenApiOperation, OpenApiParameter } from "./openapi-document.ts"
import type { NamedSchemas } from "./openapi-schemas.ts"
import type { Operation } from "./operation.ts"
import { jsonSchemaOf } from "./schema.ts"
import type { JsonSchema } from "./schema.ts"
import { otherFieldsOf, requiredOf } from "./schema-parts.ts"

/** An input as OpenAPI's parameters and request body. */
export function inputPartsOf(
  name: string,
  operation: Operation,
  binding: HttpBinding,
  named: NamedSchemas,
): Pick<OpenApiOperation, "parameters" | "requestBody"> {
  const input = jsonSchemaOf(operation.input, "input")
  const written = withChoicesWritten(input, input)
  const fields = fieldsOf(written)
  const definitions = input["$defs"] === undefined ? {} : { $defs: input["$defs"] }
  const parameterOf = (field: string, where: "path" | "query"): OpenApiParameter => {
    const { description, ...schema } = fields.get(field) ?? {}
    return {
      name: field,
      in: where,
      required: where === "path" || isRequired(written, field),
      ...(typeof description === "string" ? { description } : {}),
      schema: named.place({ ...schema, ...definitions }, `${name}_${field}`),
    }
  }
  const others = binding.hasBody ? undefined : othersOf(written, binding)
  const othersParameter = (schema: JsonSchema): OpenApiParameter => ({
    name: "others",
    in: "query",
    required: requiredOf(schema).size > 0,
    schema: named.place({ ...schema, ...definitions }, `${name}_others`),
  })
  return {
    parameters: [
      ...binding.pathFields.map((field) => parameterOf(field, "path")),
      ...binding.queryFields.map((field) => parameterOf(field, "query")),
      ...(others ? [othersParameter(others)] : []),
    ],
    ...(hasBody(binding, written) ? { requestBody: bodyOf(name, { input, written }, binding, named) } : {}),
  }
}

// To OpenAPI the fields of an object that is a parameter are parameters themselves, unless it says otherwise.
function othersOf(input: JsonSchema, { pathFields, queryFields }: HttpBinding): JsonSchema | undefined {
  if (otherFieldsOf(input) === undefined) return undefined
  const { type, propertyNames, additionalProperties } = input
  const required = [...requiredOf(input)].filter((field) => ![...pathFields, ...queryFields].includes(field))
  const names = propertyNames === undefined ? {} : { propertyNames }
  return { type, ...names, additionalProperties, ...(required.length > 0 ? { required } : {}) }
}

interface Inputs {
  readonly input: JsonSchema
  /** The same with its choices where it refers to them. */
  readonly written: JsonSchema
}

// An input may have fields of any name, as a record has, and list none.
function hasBody(binding: HttpBinding, input: JsonSchema): boolean {
  return binding.bodyFields.length > 0 || (binding.hasBody && takesOthers(input))
}

function takesOthers(schema: JsonSchema): boolean {
  const { patternProperties } = schema
  return otherFieldsOf(schema) !== undefined || isJsonSchema(patternProperties) || choicesIn(schema).some(takesOthers)
}

function bodyOf(name: string, { input, written }: Inputs, { pathFields, bodyFields }: HttpBinding, named: NamedSchemas) {
  const schema = named.place(pathFields.length === 0 ? input : withoutFields(written, pathFields), `${name}_input`, input)
  const fields = [...bodyFields, ...requiredOf(written)].filter((field) => !pathFields.includes(field))
  return { required: fields.some((field) => isRequired(written, field)), content: { "application/json": { schema } } }
}

// A choice with a name is referred to; its fields are to be looked at here.
function withChoicesWritten(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const written = ["anyOf", "oneOf", "allOf"].flatMap((word) => {
    const parts = choices(schema, word)
    return parts.length === 0 ? [] : [[word, parts.map((part) => withChoicesWritten(dereferenced(part, root), root))]]
  })
  return { ...schema, ...Object.fromEntries(written) }
}

/** Whether every value that fits the schema has that field, as far as the schema says. */
function isRequired(schema: JsonSchema, field: string): boolean {
  if (Array.isArray(schema["required"]) && schema["required"].includes(field)) return true
  if (choices(schema, "allOf").some((part) => isRequired(part, field))) return true
  return ["anyOf", "oneOf"].some(
    (word) => choices(schema, word).length > 0 && choices(schema, word).every((part) => isRequired(part, field)),
  )
}

// The rest of a named schema is another schema, so it does not keep the name.
function withoutFields(schema: JsonSchema, fields: readonly string[]): JsonSchema {
  const { title: _, ...untitled } = schema
  const rest = Object.entries(untitled).map(([keyword, value]) => {
    if (keyword === "properties" && isJsonSchema(value)) {
      return [keyword, Object.fromEntries(Object.entries(value).filter(([field]) => !fields.includes(field)))]
    }
    if (keyword === "required" && Array.isArray(value)) return [keyword, value.filter((field) => !fields.includes(String(field)))]
    if (["anyOf", "oneOf", "allOf"].includes(keyword)) return [keyword, choices(schema, keyword).map((part) => withoutFields(part, fields))]
    return [keyword, value]
  })
  return Object.fromEntries(rest)
}

function choicesIn(schema: JsonSchema): readonly JsonSchema[] {
  return ["anyOf", "oneOf", "allOf"].flatMap((word) => choices(schema, word))
}

function choices(schema: JsonSchema, keyword: string): readonly JsonSchema[] {
  const value = schema[keyword]
  return Array.isArray(value) ? value.filter(isJsonSchema) : []
}
