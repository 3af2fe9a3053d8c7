import { validateAtOnce } from "@hanok/contract"
import type { Issue, OutputOf, Schema } from "@hanok/contract"

/** What a reply turned out to be. */
export type Reading<Value> = { readonly value: Value } | { readonly issues: readonly Issue[] }

/** One form that a reply of the old system can have, and what it means in the contract's terms. */
export interface Reply<Value> {
  /** `undefined` for the usual ones: 2xx for an output, 2xx and 4xx for a refusal. */
  readonly statuses: readonly number[] | undefined
  /** The body is its JSON where it is JSON, else its text. */
  read(body: unknown): Reading<Value>
}

export interface ReplyOptions {
  /** The HTTP statuses with which it comes. Old systems say 200 to everything, so the body decides when this is not given. */
  readonly status?: number | readonly number[]
}

/**
 * A reply of that form. `decode` says it in the contract's terms and must not fail for what the schema lets through.
 * @example
 * reply(z.object({ result: z.literal("0000"), data: z.object({ netAmt: z.coerce.number() }) }), ({ data }) => ({ netCents: data.netAmt }))
 */
export function reply<S extends Schema, Value>(schema: S, decode: (body: OutputOf<S>) => Value, options: ReplyOptions = {}): Reply<Value> {
  return {
    statuses: options.status === undefined ? undefined : [options.status].flat(),
    read(body) {
      const result = parse(schema, body)
      // The schema has made it; its type says what it makes.
      return "issues" in result ? result : { value: decode(result.value as OutputOf<S>) }
    },
  }
}

/** The value as the schema makes it, or where it does not fit, as JSON Pointers. */
export function parse(schema: Schema, value: unknown): Reading<unknown> {
  const result = validateAtOnce(schema, value)
  if (!result)
    return { issues: [{ field: "", message: "the schema is asynchronous, which cannot be used here, or one of its checks threw" }] }
  if (!result.issues) return { value: result.value }
  return { issues: result.issues.map(({ path, message }) => ({ field: pointerOf(path ?? []), message })) }
}

type PathSegment = PropertyKey | { readonly key: PropertyKey }

function pointerOf(path: readonly PathSegment[]): string {
  const keys = path.map((segment) => String(typeof segment === "object" ? segment.key : segment))
  return keys.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("")
}

/** For messages: at most five places. */
export function listOf(issues: readonly Issue[]): string {
  const shown = issues.slice(0, 5).map(({ field, message }) => `${field || "the whole"}: ${message}`)
  return issues.length > 5 ? `${shown.join("; ")}; and ${issues.length - 5} more` : shown.join("; ")
}
