import type { Operation } from "./operation.ts"
import { jsonSchemaOf } from "./schema.ts"
import type { JsonSchema } from "./schema.ts"

export type HttpMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"

/** An input as it crosses HTTP. */
export interface HttpParts {
  /** Values of the path template's names, decoded. */
  readonly path: Readonly<Record<string, string>>
  /** Values of the query string; a name that stands there more than once has a list. */
  readonly query: Readonly<Record<string, string | readonly string[]>>
  /** The JSON body, parsed; `undefined` when there is none. */
  readonly body: unknown
}

/** Which part of an HTTP request each field of an operation's input is. The gateway, the typed client and OpenAPI all go by it. */
export interface HttpBinding {
  readonly method: HttpMethod
  /** `/orders/{orderId}/gifts` */
  readonly path: string
  readonly pathFields: readonly string[]
  readonly queryFields: readonly string[]
  /** Whether the remaining fields travel as a JSON body. */
  readonly hasBody: boolean
  /** The fields of the input that are neither in the path nor in the query. */
  readonly bodyFields: readonly string[]
  encode(input: Readonly<Record<string, unknown>>): HttpParts
  /** The input, with text from path and query turned into what the schema asks for where it can be; it is not validated. */
  decode(parts: HttpParts): unknown
}

/** How the operation is bound to HTTP; `undefined` when it has no route. */
export function httpBindingOf(operation: Operation): HttpBinding | undefined {
  if (!operation.http) return undefined
  const [method = "", path = ""] = operation.http.split(" ")
  const fields = fieldsOf(jsonSchemaOf(operation.input, "input"))
  const pathFields = parametersOf(path)
  const rest = [...fields.keys()].filter((name) => !pathFields.includes(name))
  const hasBody = method !== "GET" && method !== "DELETE"
  const shape = { pathFields, queryFields: hasBody ? [] : rest, bodyFields: hasBody ? rest : [] }
  return {
    // `HttpRoute` allows only these methods.
    method: method as HttpMethod,
    path,
    hasBody,
    ...shape,
    encode: (input) => encode(input, pathFields, hasBody),
    decode: (parts) => decode(parts, fields, hasBody),
  }
}

/** The names in braces of a path template, in order. */
export function parametersOf(path: string): readonly string[] {
  return [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1] ?? "")
}

function encode(input: Readonly<Record<string, unknown>>, pathFields: readonly string[], hasBody: boolean): HttpParts {
  const path = Object.fromEntries(pathFields.map((name) => [name, String(input[name])]))
  const rest = Object.entries(input).filter(([name, value]) => !pathFields.includes(name) && value !== undefined)
  if (hasBody) return { path, query: {}, body: Object.fromEntries(rest) }
  return {
    path,
    query: Object.fromEntries(rest.map(([name, value]) => [name, Array.isArray(value) ? value.map(String) : String(value)])),
    body: undefined,
  }
}

function decode({ path, query, body }: HttpParts, fields: ReadonlyMap<string, JsonSchema>, hasBody: boolean): unknown {
  if (!hasBody) return withText(withText({}, query, fields), path, fields)
  // A body that is not an object is given to the schema as it is, which then names the fault.
  if (body !== undefined && (typeof body !== "object" || body === null || Array.isArray(body))) return body
  return isEmpty(path) ? (body ?? {}) : withText({ ...body }, path, fields)
}

// A loop, since it is done for every request.
function withText(
  input: Record<string, unknown>,
  parts: HttpParts["path"] | HttpParts["query"],
  fields: ReadonlyMap<string, JsonSchema>,
): Record<string, unknown> {
  for (const name in parts) {
    // It is no field of a schema, and to set it would not make one.
    if (name !== "__proto__") input[name] = fromText(parts[name] ?? "", fields.get(name))
  }
  return input
}

function isEmpty(parts: object): boolean {
  for (const _ in parts) return false
  return true
}

function fromText(text: string | readonly string[], schema: JsonSchema | undefined): unknown {
  const types = typesOf(schema)
  if (types.has("array")) return (typeof text === "string" ? [text] : text).map((item) => fromText(item, itemsOf(schema)))
  if (typeof text !== "string") return text
  if ((types.has("number") || types.has("integer")) && numberPattern.test(text)) return Number(text)
  if (types.has("boolean") && (text === "true" || text === "false")) return text === "true"
  return text
}

const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** The fields of an object schema, also where it is a choice of objects. */
export function fieldsOf(schema: JsonSchema): ReadonlyMap<string, JsonSchema> {
  const own = isSchema(schema["properties"]) ? Object.entries(schema["properties"]) : []
  const chosen = choicesOf(schema).flatMap((choice) => Array.from(fieldsOf(choice)))
  return new Map([...chosen, ...own].filter((entry): entry is [string, JsonSchema] => isSchema(entry[1])))
}

/** Schemas are values, and each is looked at with every request. */
const knownTypes = new WeakMap<JsonSchema, ReadonlySet<string>>()
const noTypes: ReadonlySet<string> = new Set()

function typesOf(schema: JsonSchema | undefined): ReadonlySet<string> {
  if (!schema) return noTypes
  const known = knownTypes.get(schema) ?? typesIn(schema)
  knownTypes.set(schema, known)
  return known
}

function typesIn(schema: JsonSchema): ReadonlySet<string> {
  const type = schema["type"]
  const own = Array.isArray(type) ? type.map(String) : typeof type === "string" ? [type] : []
  const values = [...(Array.isArray(schema["enum"]) ? schema["enum"] : []), ...("const" in schema ? [schema["const"]] : [])]
  return new Set([...own, ...values.map((value) => typeof value), ...choicesOf(schema).flatMap((choice) => Array.from(typesOf(choice)))])
}

function itemsOf(schema: JsonSchema | undefined): JsonSchema | undefined {
  if (!schema) return undefined
  if (isSchema(schema["items"])) return schema["items"]
  return choicesOf(schema)
    .map(itemsOf)
    .find((items) => items !== undefined)
}

function choicesOf(schema: JsonSchema): readonly JsonSchema[] {
  return ["anyOf", "oneOf", "allOf"].flatMap((word) => (Array.isArray(schema[word]) ? schema[word].filter(isSchema) : []))
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
