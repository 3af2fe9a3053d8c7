import type { JsonSchema } from "@hanok/contract"

/** One line of a table of fields. */
export interface FieldRow {
  readonly name: string
  /** 0 for the fields of the value itself, 1 for theirs, and so on. */
  readonly depth: number
  readonly type: string
  readonly required: boolean
  readonly description: string
}

const deepest = 5

/** The fields of a schema as lines for reading, each followed by its own. Only as deep as a reader would follow. */
export function fieldRowsOf(schema: JsonSchema, root: JsonSchema = schema, depth = 0): readonly FieldRow[] {
  const own = resolve(schema, root)
  if (depth > deepest) return []
  const properties = Object.entries(isSchema(own["properties"]) ? own["properties"] : {})
  const required = Array.isArray(own["required"]) ? own["required"] : []
  const rows = properties.flatMap(([name, field]) => {
    const fieldSchema = isSchema(field) ? field : {}
    const row = {
      name,
      depth,
      type: typeTextOf(fieldSchema, root),
      required: required.includes(name),
      description: descriptionOf(fieldSchema),
    }
    return [row].concat(refersBack(fieldSchema, schema) ? [] : fieldRowsOf(fieldSchema, root, depth + 1))
  })
  const inside = [own["items"], own["additionalProperties"]].filter(isSchema)
  return [...rows, ...inside.flatMap((item) => fieldRowsOf(item, root, depth)), ...choiceRowsOf(own, root, depth)]
}

function choiceRowsOf(schema: JsonSchema, root: JsonSchema, depth: number): readonly FieldRow[] {
  const objects = choicesOf(schema).filter((choice) => fieldRowsOf(choice, root, depth).length > 0)
  const [only, ...others] = objects
  if (only && others.length === 0) return fieldRowsOf(only, root, depth)
  return objects.flatMap((choice, index) => {
    const heading = { name: index === 0 ? "either" : "or", depth, type: "", required: false, description: descriptionOf(choice) }
    return [heading].concat(fieldRowsOf(choice, root, depth + 1))
  })
}

/** What a value of the schema is, in a few words: `array of string`, `"open" or "claimed"`, `integer, 1 to 100`. */
export function typeTextOf(schema: JsonSchema, root: JsonSchema = schema): string {
  const own = resolve(schema, root)
  const values = "const" in own ? [own["const"]] : Array.isArray(own["enum"]) ? own["enum"] : undefined
  if (values) return values.map((value) => JSON.stringify(value)).join(" or ")
  const choices = choicesOf(own)
  if (choices.length > 0) return [...new Set(choices.map((choice) => typeTextOf(choice, root)))].join(" or ")
  if (isSchema(own["items"])) return `array of ${typeTextOf(own["items"], root)}`
  if (isSchema(own["additionalProperties"]) && !isSchema(own["properties"]))
    return `map of ${typeTextOf(own["additionalProperties"], root)}`
  return [basicTypeOf(own), ...limitsOf(own)].join(", ")
}

function basicTypeOf(schema: JsonSchema): string {
  const type = schema["type"]
  const name = typeof type === "string" ? type : Array.isArray(type) ? type.join(" or ") : "anything"
  return typeof schema["format"] === "string" ? `${name} (${schema["format"]})` : name
}

function limitsOf(schema: JsonSchema): readonly string[] {
  const { minimum = schema["minLength"], maximum = schema["maxLength"], exclusiveMinimum, exclusiveMaximum } = schema
  const unit = "minLength" in schema || "maxLength" in schema ? " characters" : ""
  const limit = (words: string, value: unknown) => (isLimit(value) ? [`${words} ${String(value)}${unit}`] : [])
  const pattern = typeof schema["pattern"] === "string" && schema["format"] === undefined ? [`matching ${schema["pattern"]}`] : []
  const fallback = "default" in schema ? [`${JSON.stringify(schema["default"])} when not given`] : []
  return [
    ...limit("at least", minimum),
    ...limit("at most", maximum),
    ...limit("more than", exclusiveMinimum),
    ...limit("less than", exclusiveMaximum),
    ...pattern,
    ...fallback,
  ]
}

// What every integer of JavaScript keeps to is not worth saying.
function isLimit(value: unknown): boolean {
  return typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER
}

function descriptionOf(schema: JsonSchema): string {
  return typeof schema["description"] === "string" ? schema["description"] : ""
}

function choicesOf(schema: JsonSchema): readonly JsonSchema[] {
  return ["anyOf", "oneOf", "allOf"].flatMap((word) => (Array.isArray(schema[word]) ? schema[word].filter(isSchema) : []))
}

function refersBack(field: JsonSchema, to: JsonSchema): boolean {
  const reference = typeof to["$ref"] === "string" ? to["$ref"] : "#"
  return JSON.stringify(field).includes(JSON.stringify(reference))
}

function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const reference = schema["$ref"]
  if (reference === "#") return root
  const name = typeof reference === "string" ? /^#\/\$defs\/(.+)$/.exec(reference)?.[1] : undefined
  const definitions = root["$defs"]
  const definition = name !== undefined && isSchema(definitions) ? definitions[name] : undefined
  return isSchema(definition) ? definition : schema
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
