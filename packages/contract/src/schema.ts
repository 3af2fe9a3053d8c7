import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec"

/**
 * A value that checks data and describes itself: Standard Schema together with
 * Standard JSON Schema (https://standardschema.dev). Zod from 4.2 on (not Zod Mini) and ArkType are such
 * as they come; wrap a Valibot schema with `toStandardJsonSchema` of `@valibot/to-json-schema`, and one of Effect 4 with
 * both `Schema.toStandardSchemaV1` and `Schema.toStandardJSONSchemaV1`.
 */
export interface Schema<Input = unknown, Output = Input> {
  readonly "~standard": StandardSchemaV1.Props<Input, Output> & StandardJSONSchemaV1.Props<Input, Output>
}

/** What may be put in: the type before parsing. */
export type InputOf<S extends Schema> = StandardSchemaV1.InferInput<S>

/** What comes out: the type after parsing. */
export type OutputOf<S extends Schema> = StandardSchemaV1.InferOutput<S>

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/** A value as JSON can carry it: a field that is undefined is left out. The compiler takes a `type` for such, not an `interface`. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json | undefined }

type Unserialisable = bigint | symbol | Date | RegExp | Error | Promise<unknown> | ((...args: never[]) => unknown)
type UnserialisableContainer = ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | ArrayBuffer | ArrayBufferView

/** `T` where JSON can carry it; where it cannot, a type that names the fault. */
export type Serialisable<T> = unknown extends T
  ? T
  : // What is known to be JSON is not looked into: any JSON has no end, and a branded text is an object to the compiler, too.
    T extends Json
    ? T
    : T extends Unserialisable | UnserialisableContainer
      ? { readonly "a contract carries JSON only; this type is not JSON": T }
      : T extends object
        ? { [K in keyof T]: Serialisable<T[K]> }
        : T

/** Rejects, at compile time, a schema whose values on the wire would not be JSON. */
export type Carries<Value> = [Value] extends [Serialisable<Value>]
  ? unknown
  : { readonly "~standard": { readonly "a contract carries JSON only": Serialisable<Value> } }

const known = { input: new WeakMap<Schema, JsonSchema>(), output: new WeakMap<Schema, JsonSchema>() }

/**
 * The schema as JSON Schema draft 2020-12, for what goes in or for what comes out; the same object each time.
 * Throws what the schema library throws when the schema has no JSON form.
 */
export function jsonSchemaOf(schema: Schema, side: "input" | "output"): JsonSchema {
  const made = known[side].get(schema)
  if (made) return made
  const { $schema: _, "~standard": __, ...rest } = schema["~standard"].jsonSchema[side]({ target: "draft-2020-12" })
  const json = withoutRootReference(rest)
  known[side].set(schema, json)
  return json
}

/**
 * What the schema makes of a value, or its issues; `undefined` when it does not say so at once: it is asynchronous, or it is Zod's and
 * one of its checks threw. Whether what it promises is kept then concerns nobody, and ends no process.
 */
export function validateAtOnce(schema: Schema, value: unknown): StandardSchemaV1.Result<unknown> | undefined {
  const result = schema["~standard"].validate(value)
  if (!(result instanceof Promise)) return result
  result.catch(() => undefined)
  return undefined
}

// A schema with a name of its own comes as a reference to itself; whoever looks for its fields wants to see them.
function withoutRootReference(schema: JsonSchema): JsonSchema {
  const { $ref, ...rest } = schema
  const name = typeof $ref === "string" ? /^#\/\$defs\/([^/]+)$/.exec($ref)?.[1] : undefined
  const definitions = schema["$defs"] as { readonly [name: string]: JsonSchema } | undefined // by its meaning in JSON Schema
  const definition = name === undefined ? undefined : definitions?.[name]
  return definition ? { title: name, ...rest, ...definition } : schema
}
