import type { Schema } from "@hanok/contract"
import { checksOf, isZodSchema } from "./definition.ts"
import type { ZodSchema } from "./definition.ts"
import { Draft } from "./draft.ts"
import type { CompiledDraft } from "./draft.ts"
import { addArray, addNullable, addReadonly, addRecord, addUnion } from "./containers.ts"
import type { AddKind, Compiling } from "./compiling.ts"
import { addObject } from "./object.ts"
import { addNumber, addString, addValues } from "./scalars.ts"

/** Parses and copies with the library: the copy, or `unsure` when the library refuses the value. */
export type ByLibrary = (schema: Schema) => (value: unknown) => unknown

/**
 * A function that checks and copies a value as `schema` says, several times faster than its library: the copy, or
 * `refused`, or `unsure` (then the library must be asked). It never accepts what the library refuses.
 * `undefined` for a schema that is not Zod's, and where making functions of text is forbidden.
 * What cannot be compiled (transformations, recursion, `superRefine`) is left to the library, part by part.
 */
export function compileZod(schema: Schema, byLibrary: ByLibrary): Compiled | undefined {
  if (!isZodSchema(schema) || !canCompile(schema)) return undefined
  const open = new Set<ZodSchema>()
  let isWhole = true
  const library: ByLibrary = (part) => {
    isWhole = false
    return byLibrary(part)
  }
  const noteChange = () => void (isWhole = false)
  const compiling: Compiling = {
    canCompile,
    noteChange,
    addParse: (...part) => addParse({ compiling, byLibrary: library, open }, ...part),
  }
  const draft = new Draft()
  draft.add(`return ${compiling.addParse(draft, schema, "value")}`)
  const compiled = draft.compile("value")
  return compiled && { ...compiled, isWhole }
}

export interface Compiled extends CompiledDraft {
  /** It only checks and copies: nothing is filled in or changed, and nothing left to the library, which might transform. */
  readonly isWhole: boolean
}

interface Work {
  readonly compiling: Compiling
  readonly byLibrary: ByLibrary
  /** The schemas that enclose the one at hand. */
  readonly open: Set<ZodSchema>
}

/** By Zod's name of the kind. */
const kinds: Readonly<Record<string, AddKind>> = {
  string: addString,
  number: addCopiedNumber,
  boolean: (_, draft, schema, name) => addType(draft, schema, name, `typeof ${name} !== "boolean"`),
  null: (_, draft, schema, name) => addType(draft, schema, name, `${name} !== null`),
  enum: (_, draft, schema, name) => (addValues(draft, schema, name) ? name : undefined),
  literal: (_, draft, schema, name) => (addValues(draft, schema, name) ? name : undefined),
  nullable: addNullable,
  readonly: addReadonly,
  array: addArray,
  object: addObject,
  record: addRecord,
  union: addUnion,
}

function canCompile(schema: ZodSchema): boolean {
  return Object.hasOwn(kinds, schema._zod.def.type)
}

function addParse(work: Work, draft: Draft, schema: ZodSchema, name: string): string {
  // A schema that encloses itself is left to the library.
  const add = work.open.has(schema) ? undefined : kinds[schema._zod.def.type]
  const before = draft.lines.length
  work.open.add(schema)
  const expression = add?.(work.compiling, draft, schema, name)
  work.open.delete(schema)
  if (expression !== undefined) return expression
  draft.lines.length = before
  return addLibrary(work.byLibrary, draft, schema, name)
}

function addLibrary(byLibrary: ByLibrary, draft: Draft, schema: ZodSchema, name: string): string {
  const copied = draft.name()
  // The library tells what is missing from what is undefined; all other kinds refuse both.
  draft.add(`if (${name} === undefined) return UNSURE`)
  // Every Zod 4 schema is a Standard Schema.
  draft.add(`const ${copied} = ${draft.constant(byLibrary(schema as unknown as Schema))}(${name})`)
  draft.add(`if (${copied} === UNSURE) return UNSURE`)
  return copied
}

// A negative zero becomes zero.
function addCopiedNumber(_: Compiling, draft: Draft, schema: ZodSchema, name: string): string | undefined {
  if (!addNumber(draft, schema, name)) return undefined
  if (draft.isLookedAt) draft.add(`if (Object.is(${name}, -0)) return UNSURE`)
  return `${name} + 0`
}

function addType(draft: Draft, schema: ZodSchema, name: string, wrong: string): string | undefined {
  if (checksOf(schema).length > 0 || schema._zod.def.coerce) return undefined
  draft.add(`if (${wrong}) return REFUSED`)
  return name
}
