import { canonicalJson } from "./canonical-json.ts"
import { definitionsOf, mapSubschemas, subschemasOf } from "./json-schema.ts"
import type { JsonSchema } from "./schema.ts"

/** Collects the schemas of a document that have a name, so that each is written once. */
export interface NamedSchemas {
  /**
   * The schema as it is to stand in the document. `hint` names what refers to itself without a name of its own; `root` is where its
   * references lead, when it is a part of another.
   */
  place(schema: JsonSchema, hint: string, root?: JsonSchema): JsonSchema
  /** `components/schemas` of the document. */
  readonly schemas: Readonly<Record<string, JsonSchema>>
}

type Definitions = ReadonlyMap<string, JsonSchema>

/** A schema is named by its `title` when that is an identifier, or by the name it is defined under (Zod's `id`). */
export function createNamedSchemas(): NamedSchemas {
  const schemas: Record<string, JsonSchema> = {}
  const identities = new Map<string, string>()

  function named(name: string, schema: JsonSchema, definitions: Definitions, hint: string): JsonSchema {
    const identity = identityOf(schema, definitions)
    const free = freeName(name, identity, identities)
    if (!identities.has(free)) {
      identities.set(free, identity)
      schemas[free] = inside(schema, definitions, hint)
    }
    return { $ref: `#/components/schemas/${free}` }
  }

  function inside(schema: JsonSchema, definitions: Definitions, hint: string): JsonSchema {
    return mapSubschemas(withoutDefinitions(schema), (subschema) => place(subschema, definitions, hint))
  }

  function place(schema: JsonSchema, definitions: Definitions, hint: string): JsonSchema {
    const { $ref, title, ...rest } = schema
    if (typeof $ref === "string") {
      const definition = definitions.get($ref)
      if (!definition) return schema
      return { ...withoutDefinitions(rest), ...named(nameOf($ref, definition, hint), definition, definitions, hint) }
    }
    if (typeof title === "string" && identifier.test(title)) return named(title, schema, definitions, hint)
    return inside(schema, definitions, hint)
  }

  return { schemas, place: (schema, hint, root = schema) => place(schema, definitionsOf(root), hint) }
}

const identifier = /^[A-Za-z][A-Za-z0-9._-]*$/

function nameOf(reference: string, definition: JsonSchema, hint: string): string {
  const title = definition["title"]
  if (typeof title === "string" && identifier.test(title)) return title
  const name = reference.slice(reference.lastIndexOf("/") + 1)
  return identifier.test(name) ? name : hint
}

// Two schemas of one name are the same when they and all they refer to are.
function identityOf(schema: JsonSchema, definitions: Definitions): string {
  const seen = new Map<string, JsonSchema>()
  const waiting = [schema]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const reference = next["$ref"]
    const definition = typeof reference === "string" && !seen.has(reference) ? definitions.get(reference) : undefined
    if (definition) seen.set(String(reference), definition)
    waiting.push(...subschemasOf(withoutDefinitions(next)), ...(definition ? [definition] : []))
  }
  const parts = [schema, ...seen.values()].map((part) => canonicalJson(withoutDefinitions(part)))
  return [...new Set(parts)].sort().join("\n")
}

function withoutDefinitions(schema: JsonSchema): JsonSchema {
  const { $defs: _, definitions: __, ...rest } = schema
  return rest
}

function freeName(name: string, identity: string, identities: ReadonlyMap<string, string>): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}${number}`
    const taken = identities.get(candidate)
    if (taken === undefined || taken === identity) return candidate
  }
}
