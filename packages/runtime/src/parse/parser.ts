import { Fault, jsonSchemaOf } from "@hanok/contract"
import type { Issue, JsonSchema, Schema } from "@hanok/contract"
import { copyDeclared } from "./copy.ts"

/** Checks values with a schema and copies them: what comes out shares nothing with what went in. */
export interface Parser {
  /** The parsed copy; throws what `toFault` makes of the issues when the value does not fit. */
  parse(value: unknown, toFault: (issues: readonly Issue[]) => Fault): unknown
}

/** Schemas are values that live as long as the program, so each is prepared once. */
const prepared = new WeakMap<Schema, Parser>()

export function createParser(schema: Schema): Parser {
  const existing = prepared.get(schema)
  if (existing) return existing
  const parser = libraryParser(schema)
  prepared.set(schema, parser)
  return parser
}

// The schema's library checks; the copy drops what the schema does not declare, even where the library would keep it.
function libraryParser(schema: Schema): Parser {
  const validate = schema["~standard"].validate
  let declared: JsonSchema | undefined
  return {
    parse(value, toFault) {
      const result = validate(value)
      if (result instanceof Promise)
        throw new Fault("INTERNAL", "A contract's schema validates asynchronously, which a seam cannot.", {
          hint: "Move the asynchronous check into the handler.",
        })
      if (result.issues) throw toFault(result.issues.map(issueOf))
      declared ??= jsonSchemaOf(schema, "output")
      return copyDeclared(result.value, declared, toFault)
    },
  }
}

function issueOf(issue: {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}): Issue {
  const keys = (issue.path ?? []).map((segment) => String(typeof segment === "object" ? segment.key : segment))
  return { field: keys.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""), message: issue.message }
}
