import { dereferenced } from "./json-schema.ts"
import type { JsonSchema } from "./schema.ts"

/** Values that fit `from` are given to whoever expects `to`. */
export interface Passage {
  readonly from: JsonSchema
  readonly to: JsonSchema
  /** Where in the message, for what is found. */
  readonly at: string
  /** Whether a receiver whose schema forbids other fields refuses them; who only reads passes over them. */
  readonly extrasRefused: boolean
}

export interface SchemaTrouble {
  readonly field: string
  readonly problem: string
}

/**
 * Where values that fit one JSON Schema (draft 2020-12) do not have the shape another expects. It compares types, required and
 * missing fields, fixed values and alternatives; what it does not know (conditions, negations) must be equal word for word.
 */
export function schemaTroubles(passage: Passage): readonly SchemaTrouble[] {
  return new Comparison(passage).compare(passage.from, passage.to, passage.at)
}

const unknownKeywords = ["allOf", "not", "if", "prefixItems", "patternProperties", "propertyNames", "dependentSchemas", "contains"]

class Comparison {
  readonly #passage: Passage
  /** Pairs of references under comparison: recursive schemas end here. */
  readonly #seen = new Set<string>()

  constructor(passage: Passage) {
    this.#passage = passage
  }

  compare(from: JsonSchema, to: JsonSchema, at: string): readonly SchemaTrouble[] {
    if (from["$ref"] !== undefined || to["$ref"] !== undefined) return this.#compareReferences(from, to, at)
    const given = alternativesOf(from)
    if (given) return given.flatMap((each) => this.compare(each, to, at))
    const expected = alternativesOf(to)
    if (expected) return this.#compareToAny(from, expected, at)
    return [
      ...this.#unknown(from, to, at),
      ...types(from, to, at),
      ...values(from, to, at),
      ...this.#fields(from, to, at),
      ...this.#items(from, to, at),
    ]
  }

  #compareReferences(from: JsonSchema, to: JsonSchema, at: string): readonly SchemaTrouble[] {
    const pair = `${String(from["$ref"])} ${String(to["$ref"])}`
    if (from["$ref"] !== undefined && to["$ref"] !== undefined) {
      if (this.#seen.has(pair)) return []
      this.#seen.add(pair)
    }
    return this.compare(dereferenced(from, this.#passage.from), dereferenced(to, this.#passage.to), at)
  }

  #compareToAny(from: JsonSchema, expected: readonly JsonSchema[], at: string): readonly SchemaTrouble[] {
    const tried = expected.map((each) => this.compare(from, each, at))
    if (tried.some((troubles) => troubles.length === 0)) return []
    const [first] = tried
    return expected.length === 1 && first ? first : [{ field: at, problem: "it can be something that is not expected" }]
  }

  #unknown(from: JsonSchema, to: JsonSchema, at: string): readonly SchemaTrouble[] {
    return unknownKeywords
      .filter((keyword) => to[keyword] !== undefined && JSON.stringify(from[keyword]) !== JSON.stringify(to[keyword]))
      .map((keyword) => ({ field: at, problem: `its \`${keyword}\` differs` }))
  }

  #fields(from: JsonSchema, to: JsonSchema, at: string): readonly SchemaTrouble[] {
    const given = fieldsOf(from)
    const expected = fieldsOf(to)
    const sure = new Set(textsOf(from["required"]))
    const needed = new Set(textsOf(to["required"]))
    const troubles = Object.entries(expected).flatMap(([name, schema]) => {
      const field = `${at}/${name}`
      const own = given[name]
      if (needed.has(name) && !sure.has(name))
        return [{ field, problem: own ? "it is required, but may be missing" : "it is required, but not known to the other side" }]
      return own ? this.compare(own, schema, field) : []
    })
    return [...troubles, ...this.#extras(given, expected, to, at), ...this.#others(from, to, at)]
  }

  #extras(given: Fields, expected: Fields, to: JsonSchema, at: string): readonly SchemaTrouble[] {
    if (!this.#passage.extrasRefused || to["additionalProperties"] !== false) return []
    const extra = Object.keys(given).filter((name) => !(name in expected))
    return extra.map((name) => ({ field: `${at}/${name}`, problem: "it is sent, but not allowed" }))
  }

  #others(from: JsonSchema, to: JsonSchema, at: string): readonly SchemaTrouble[] {
    const [given, expected] = [from["additionalProperties"], to["additionalProperties"]]
    return isSchema(given) && isSchema(expected) ? this.compare(given, expected, `${at}/*`) : []
  }

  #items(from: JsonSchema, to: JsonSchema, at: string): readonly SchemaTrouble[] {
    const [given, expected] = [from["items"], to["items"]]
    return isSchema(given) && isSchema(expected) ? this.compare(given, expected, `${at}/*`) : []
  }
}

type Fields = Readonly<Record<string, JsonSchema>>

function types(from: JsonSchema, to: JsonSchema, at: string): readonly SchemaTrouble[] {
  const expected = typesOf(to)
  if (expected.length === 0) return []
  const given = typesOf(from)
  const fits = (type: string) => expected.includes(type) || (type === "integer" && expected.includes("number"))
  if (given.length > 0 && given.every(fits)) return []
  return [{ field: at, problem: `it is ${given.join(" or ") || "anything"}, where ${expected.join(" or ")} is expected` }]
}

function values(from: JsonSchema, to: JsonSchema, at: string): readonly SchemaTrouble[] {
  const expected = valuesOf(to)
  if (!expected) return []
  const given = valuesOf(from)
  const others = given?.filter((value) => !expected.includes(value))
  if (others?.length === 0) return []
  return [
    {
      field: at,
      problem: others ? `it can be ${others.join(", ")}, which is not expected` : "it can be any value, where a few are expected",
    },
  ]
}

function typesOf(schema: JsonSchema): readonly string[] {
  const type = schema["type"]
  if (typeof type === "string") return [type]
  if (Array.isArray(type)) return type.map(String)
  return [...new Set((valuesOf(schema) ?? []).map((text) => typeNameOf(JSON.parse(text))))]
}

function typeNameOf(value: unknown): string {
  if (value === null) return "null"
  return Array.isArray(value) ? "array" : typeof value
}

/** The fixed values as JSON text; `undefined` when the schema fixes none. */
function valuesOf(schema: JsonSchema): readonly string[] | undefined {
  if ("const" in schema) return [JSON.stringify(schema["const"])]
  const values = schema["enum"]
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)) : undefined
}

function alternativesOf(schema: JsonSchema): readonly JsonSchema[] | undefined {
  const alternatives = schema["anyOf"] ?? schema["oneOf"]
  return Array.isArray(alternatives) ? alternatives.filter(isSchema) : undefined
}

function fieldsOf(schema: JsonSchema): Fields {
  const properties = schema["properties"]
  return isSchema(properties) ? (properties as Fields) : {}
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
