import { Fault, jsonSchemaOf } from "@hanok/contract"
import type { Issue, JsonSchema, Schema } from "@hanok/contract"
import { copyDeclared } from "./copy.ts"
import { compileZod } from "./zod/compile.ts"
import { refused, unsure } from "./zod/draft.ts"

/** Checks values with a schema and copies them: what comes out shares nothing with what went in. */
export interface Parser {
  /** The parsed copy; throws what `toFault` makes of the issues when the value does not fit. */
  parse(value: unknown, toFault: (issues: readonly Issue[]) => Fault): unknown
}

/** Like `Parser.parse`, but `undefined` for what does not fit. */
export type PlainParser = (value: unknown) => unknown

/**
 * For a schema that only checks: what comes out is what went in, but for undeclared fields, and parsing it again gives the same,
 * with a later version of the schema too. `undefined` for a schema that is not known to be such.
 */
export function createPlainParser(schema: Schema): PlainParser | undefined {
  const compiled = compileZod(schema, (part) => unsureWhenRefused(libraryParser(part)))
  if (!compiled?.isWhole) return undefined
  const { parse } = compiled
  return (value) => {
    const parsed = parse(value)
    return parsed === refused || parsed === unsure ? undefined : parsed
  }
}

/** Schemas are values that live as long as the program, so each is prepared once. */
const prepared = new WeakMap<Schema, Parser>()

export function createParser(schema: Schema): Parser {
  const existing = prepared.get(schema)
  if (existing) return existing
  const parser = fastParser(schema, libraryParser(schema))
  prepared.set(schema, parser)
  return parser
}

// A compiled parser answers for the values that fit, the library for all others: it says best what is wrong with them.
function fastParser(schema: Schema, library: Parser): Parser {
  const compiled = compileZod(schema, (part) => unsureWhenRefused(libraryParser(part)))
  if (!compiled) return library
  return {
    parse(value, toFault) {
      const parsed = compiled.parse(value)
      return parsed === refused || parsed === unsure ? library.parse(value, toFault) : parsed
    },
  }
}

function unsureWhenRefused(parser: Parser): (value: unknown) => unknown {
  return (value) => {
    try {
      return parser.parse(value, (issues) => new Fault("INVALID_INPUT", "refused", { issues }))
    } catch {
      return unsure
    }
  }
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
