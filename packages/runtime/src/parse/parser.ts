import { Fault, jsonSchemaOf, validateAtOnce } from "@hanok/contract"
import type { Issue, JsonSchema, Schema } from "@hanok/contract"
import { copyDeclared } from "./copy.ts"
import { misfits } from "./misfits.ts"
import { pointerTo } from "./pointer.ts"
import { compileZod } from "./zod/compile.ts"
import type { Compiled } from "./zod/compile.ts"
import { isZodSchema } from "./zod/definition.ts"
import { unsure } from "./zod/draft.ts"
import { issuesInLarge, mostIssues } from "./zod/large-issues.ts"
import type { FoundIssue } from "./zod/large-issues.ts"

/** Checks a value and copies it: what comes out shares nothing with what went in. */
export type Parse = (value: unknown) => unknown

type ToFault = (issues: readonly Issue[]) => Fault

const longestText = 1_000

/**
 * For a schema that only checks: what comes out is what went in, but for undeclared fields, and parsing it again gives the same,
 * with a later version of the schema too. It gives `undefined` for what does not fit. `undefined` for a schema that is not known
 * to be such.
 */
export function createPlainParser(schema: Schema): Parse | undefined {
  const compiled = compiledOf(schema)
  return compiled?.isWhole ? compiled.orElse(() => undefined) : undefined
}

/**
 * The parser of a schema; it throws what `toFault` makes of the issues when a value does not fit.
 * A compiled parser answers for the values that fit, the library for all others: it says best what is wrong with them.
 */
export function createParser(schema: Schema, toFault: ToFault): Parse {
  const library = libraryParser(schema, toFault)
  return compiledOf(schema)?.orElse(library) ?? library
}

/** Schemas are values that live as long as the program, so each is compiled once. */
const known = new WeakMap<Schema, Compiled | "not">()

function compiledOf(schema: Schema): Compiled | undefined {
  const existing = known.get(schema)
  if (existing) return existing === "not" ? undefined : existing
  const compiled = compileZod(schema, (part) => unsureWhenRefused(libraryParser(part, refusedFault)))
  known.set(schema, compiled ?? "not")
  return compiled
}

const refusedFault = (issues: readonly Issue[]) => new Fault("INVALID_INPUT", "refused", { issues })

function unsureWhenRefused(parse: Parse): Parse {
  return (value) => {
    try {
      return parse(value)
    } catch {
      return unsure
    }
  }
}

// The schema's library checks; the copy drops what the schema does not declare, even where the library would keep it.
function libraryParser(schema: Schema, toFault: ToFault): Parse {
  let declared: JsonSchema | undefined
  const refused = (issues: readonly FoundIssue[]) => toFault(issues.slice(0, mostIssues).map(issueOf))
  return (value) => {
    const inParts = isZodSchema(schema) ? issuesInLarge(schema, value) : []
    if (inParts.length > 0) throw refused(inParts)
    const result = validateAtOnce(schema, value)
    if (!result) {
      const misfitting = misfits(value, jsonSchemaOf(schema, "input"))
      if (misfitting.length > 0) throw toFault(misfitting.slice(0, mostIssues))
      throw new Fault("INTERNAL", "A contract's schema validates asynchronously, which a seam cannot, or one of its checks threw.", {
        hint: "Move an asynchronous check into the handler; let others return false.",
      })
    }
    if (result.issues) throw refused(result.issues)
    declared ??= jsonSchemaOf(schema, "output")
    return copyDeclared(result.value, declared, toFault)
  }
}

function issueOf({ path = [], message }: FoundIssue): Issue {
  const keys = path.map((segment) => String(typeof segment === "object" ? segment.key : segment))
  return { field: shortened(keys.map(pointerTo).join("")), message: shortened(message) }
}

// Names are whatever was sent, and a message may list all that is allowed: thousands of values of an enumeration.
function shortened(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text
}
