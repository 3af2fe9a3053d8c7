import { anyOf, fieldsOf, inputChoicesOf } from "./input-choices.ts"
import type { InputChoice } from "./input-choices.ts"
import { choicesOf, dereferenced, isJsonSchema } from "./json-schema.ts"
import type { Operation } from "./operation.ts"
import { parametersOf } from "./path-template.ts"
import { jsonSchemaOf } from "./schema.ts"
import type { JsonSchema } from "./schema.ts"
import { requiredOf } from "./schema-parts.ts"

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
  const input = jsonSchemaOf(operation.input, "input")
  const whole = inTextOf({ fields: fieldsOf(input), required: requiredOf(input) }, input)
  const { fields } = whole
  const pathFields = parametersOf(path)
  const rest = [...fields.keys()].filter((name) => !pathFields.includes(name))
  const hasBody = method !== "GET" && method !== "DELETE"
  const chosenBy = chooserOf(input, whole)
  const shape = { pathFields, queryFields: hasBody ? [] : rest, bodyFields: hasBody ? rest : [] }
  return {
    // `HttpRoute` allows only these methods.
    method: method as HttpMethod,
    path,
    hasBody,
    ...shape,
    encode: (input) => encode(input, pathFields, hasBody),
    decode: (parts) => (hasBody ? withBody(parts, chosenBy) : withUrl(parts, chosenBy(parts))),
  }
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

function withBody(parts: HttpParts, chosenBy: Chooser): unknown {
  const { path, body } = parts
  // A body that is not an object is given to the schema as it is, which then names the fault.
  if (body !== undefined && (typeof body !== "object" || body === null || Array.isArray(body))) return body
  return isEmpty(path) ? (body ?? {}) : withText({ ...body }, path, chosenBy(parts).fields)
}

function withUrl({ path, query }: HttpParts, { fields, lists }: InText): Record<string, unknown> {
  const input = withText(withText({}, query, fields), path, fields)
  // A list without items is nothing in a query.
  for (const name of lists) input[name] ??= []
  return input
}

// A loop, since it is done for every request.
function withText(
  input: Record<string, unknown>,
  parts: HttpParts["path"] | HttpParts["query"],
  fields: TextFields,
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

/** What text can become in a field. */
interface TextField {
  readonly isList: boolean
  readonly isNumber: boolean
  readonly isBoolean: boolean
  readonly isNull: boolean
  readonly isAnyText: boolean
  /** Those that the schema names one by one. */
  readonly texts: ReadonlySet<unknown>
  /** Of the items of a list: those at the beginning, and all others. */
  readonly first: readonly TextField[]
  readonly items: TextField | undefined
}

type TextFields = ReadonlyMap<string, TextField>

/** An input as text can become one. */
interface InText {
  readonly fields: TextFields
  /** The fields that are lists and have to be there. */
  readonly lists: readonly string[]
  /** The texts of those fields that can have but a few: they tell one choice from another. */
  readonly fixed: ReadonlyMap<string, ReadonlySet<string>>
}

/** Which of the choices of an input a request is for, by its fields as they came; the whole input where it may be for several, or for none. */
type Chooser = (parts: HttpParts) => InText

function chooserOf(input: JsonSchema, whole: InText): Chooser {
  const choices = inputChoicesOf(input).map((choice) => inTextOf(choice, input))
  if (choices.length < 2) return () => whole
  return ({ path, query, body }) => {
    const given: Readonly<Record<string, unknown>> = { ...(typeof body === "object" ? body : {}), ...query, ...path }
    const [chosen, ...others] = choices.filter(({ fixed }) => [...fixed].every(([name, texts]) => hasText(given[name], texts)))
    return chosen && others.length === 0 ? chosen : whole
  }
}

function hasText(value: unknown, texts: ReadonlySet<string>): boolean {
  return value === undefined || (typeof value !== "object" && texts.has(String(value)))
}

function inTextOf({ fields, required }: InputChoice, root: JsonSchema): InText {
  const inText = new Map([...fields].map(([name, schema]) => [name, textFieldOf(schema, root)]))
  const fixed = [...fields].flatMap(([name, schema]) => {
    const values = fixedValuesOf(dereferenced(schema, root))
    return values ? [[name, new Set(values.map(String))] as const] : []
  })
  return { fields: inText, lists: [...required].filter((name) => inText.get(name)?.isList), fixed: new Map(fixed) }
}

function fixedValuesOf(schema: JsonSchema): readonly unknown[] | undefined {
  if ("const" in schema) return [schema["const"]]
  return Array.isArray(schema["enum"]) ? schema["enum"] : undefined
}

function fromText(text: string | readonly string[], field: TextField | undefined): unknown {
  if (!field) return text
  if (typeof text === "string" && (!field.isList || isNoItem(text, field))) return plainFromText(text, field)
  if (!field.isList) return text
  return (typeof text === "string" ? [text] : text).map((item, index) => plainFromText(item, field.first[index] ?? field.items))
}

/** Whether a text that stands alone is no list of one, where it could be either: `all`, in place of a list of numbers. */
function isNoItem(text: string, { isNull, isAnyText, texts, items }: TextField): boolean {
  if ((isNull && text === "null") || texts.has(text)) return true
  return isAnyText && items?.isAnyText === false && !items.texts.has(text) && plainFromText(text, items) === text
}

function plainFromText(text: string, field: TextField | undefined): unknown {
  if (!field) return text
  if (field.isNumber && numberPattern.test(text)) {
    const number = Number(text)
    // Where any text is allowed, a number is what a number is written as: no long code, no `1.0`.
    if (!field.isAnyText || String(number) === text) return number
  }
  if (field.isBoolean && (text === "true" || text === "false")) return text === "true"
  return field.isNull && text === "null" ? null : text
}

const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

// Lists in lists do not go into a URL, so it is not asked what is in those.
function textFieldOf(field: JsonSchema, root: JsonSchema, inList = false): TextField {
  const schemas = withChoices(dereferenced(field, root), root)
  const types = new Set(schemas.flatMap(typesIn))
  const itemOf = (item: unknown) => (isJsonSchema(item) && !inList ? [textFieldOf(item, root, true)] : [])
  return {
    isList: types.has("array") && !inList,
    isNumber: types.has("number") || types.has("integer"),
    isBoolean: types.has("boolean"),
    isNull: types.has("null"),
    isAnyText: types.has("string"),
    texts: new Set(schemas.flatMap((schema) => fixedValuesOf(schema) ?? [])),
    first: (schemas.map(({ prefixItems }) => prefixItems).find(Array.isArray) ?? []).flatMap(itemOf),
    items: itemOf(anyOf(schemas.map(({ items }) => items).filter(isJsonSchema)))[0],
  }
}

function withChoices(schema: JsonSchema, root: JsonSchema): readonly JsonSchema[] {
  return [schema, ...choicesOf(schema, root).flatMap((choice) => withChoices(choice, root))]
}

function typesIn(schema: JsonSchema): readonly string[] {
  const type = schema["type"]
  const own = Array.isArray(type) ? type.map(String) : typeof type === "string" ? [type] : []
  if (!("enum" in schema || "const" in schema)) return own
  // Of a few fixed texts it is not any text.
  const values = [...(Array.isArray(schema["enum"]) ? schema["enum"] : []), ...("const" in schema ? [schema["const"]] : [])]
  return [...own, ...values.map((value) => (value === null ? "null" : typeof value))].filter((name) => name !== "string")
}
