import type { Compiling } from "./compiling.ts"
import { checksOf } from "./definition.ts"
import type { ZodSchema } from "./definition.ts"
import type { Draft } from "./draft.ts"
import { addRefined, plainChecksOf } from "./scalars.ts"

/** Reads each property of the shape once; what is there besides is dropped, or refused by a strict schema. */
export function addObject(compiling: Compiling, draft: Draft, schema: ZodSchema, name: string): string | undefined {
  const { shape, catchall } = schema._zod.def
  const isStrict = catchall?._zod.def.type === "never"
  if (!shape || (catchall && !isStrict) || plainChecksOf(schema).length > 0 || Object.hasOwn(shape, "__proto__")) return undefined
  draft.add(`if (typeof ${name} !== "object" || ${name} === null) return REFUSED`)
  draft.add(`if (Array.isArray(${name})) return UNSURE`)
  if (isStrict) draft.add(`for (const key in ${name}) if (!${draft.constant(new Set(Object.keys(shape)))}.has(key)) return UNSURE`)
  const properties = Object.entries(shape)
  const hasOmittable = properties.some(([, property]) => isOmittable(compiling, property))
  const addProperties = hasOmittable ? addSomeProperties : addAllProperties
  return addRefined(draft, schema, () => addProperties(compiling, draft, properties, name))
}

type Properties = readonly (readonly [string, ZodSchema])[]

// Every property is there, so the copy is written as one literal, which the engine makes at once.
function addAllProperties(compiling: Compiling, draft: Draft, properties: Properties, name: string): string {
  const parts = properties.map(([key, schema]) => `${JSON.stringify(key)}: ${addRequired(compiling, draft, key, schema, name)}`)
  return `{ ${parts.join(", ")} }`
}

function addSomeProperties(compiling: Compiling, draft: Draft, properties: Properties, name: string): string {
  const copied = draft.name()
  draft.add(`const ${copied} = {}`)
  for (const [key, schema] of properties) {
    const target = `${copied}[${JSON.stringify(key)}]`
    if (!isOmittable(compiling, schema)) draft.add(`${target} = ${addRequired(compiling, draft, key, schema, name)}`)
    else addOmittable(compiling, draft, { key, schema, name, target })
  }
  return copied
}

function addRequired(compiling: Compiling, draft: Draft, key: string, schema: ZodSchema, name: string): string {
  const value = addRead(draft, key, name)
  const parsed = draft.name()
  draft.add(`const ${parsed} = ${compiling.addParse(draft, schema, value)}`)
  return parsed
}

interface Omittable {
  readonly key: string
  readonly schema: ZodSchema
  readonly name: string
  readonly target: string
}

function addOmittable(compiling: Compiling, draft: Draft, { key, schema, name, target }: Omittable): void {
  const inner = schema._zod.def.innerType ?? schema
  const value = addRead(draft, key, name)
  draft.add(`if (${value} !== undefined) {`)
  draft.add(`${target} = ${compiling.addParse(draft, inner, value)}`)
  if (schema._zod.def.type === "default") {
    compiling.noteChange()
    draft.add("} else {")
    draft.add(`${target} = ${addDefault(draft, schema)}`)
  } else if (draft.isLookedAt) draft.add(`} else if (${JSON.stringify(key)} in ${name}) {\nreturn UNSURE`)
  draft.add("}")
}

// A default can be a function's, which makes another one each time: an id, a date.
function addDefault(draft: Draft, schema: ZodSchema): string {
  const { def } = schema._zod
  const make = Object.getOwnPropertyDescriptor(def, "defaultValue")?.get
  if (!make) return JSON.stringify(def.defaultValue)
  const made = draft.name()
  // Called as a function, since that is several times faster than to ask for the property; what it needs of `def` is bound to it.
  draft.add(`const ${made} = ${draft.constant(make.bind(def))}()`)
  draft.add(`if (${otherThan(def.defaultValue, made)}) return UNSURE`)
  return made
}

/** What holds for values that are not of the same plain kind as `value`. */
function otherThan(value: unknown, name: string): string {
  if (value === null) return `${name} !== null`
  return typeof value === "number" ? `!Number.isFinite(${name}) || Object.is(${name}, -0)` : `typeof ${name} !== "${typeof value}"`
}

function addRead(draft: Draft, key: string, name: string): string {
  const value = draft.name()
  draft.add(`const ${value} = ${name}[${JSON.stringify(key)}]`)
  return value
}

/** `optional()` of what does not fill in anything itself, or `default()` with a plain value. */
function isOmittable(compiling: Compiling, schema: ZodSchema): boolean {
  const { type, innerType, defaultValue } = schema._zod.def
  if (!innerType || checksOf(schema).length > 0) return false
  if (type === "optional") return !schema._zod.traits.has("$ZodExactOptional") && keepsUndefined(compiling, innerType)
  return type === "default" && compiling.canCompile(innerType) && isPlainDefault(defaultValue)
}

function isPlainDefault(value: unknown): boolean {
  return value === null || ["string", "boolean"].includes(typeof value) || (Number.isFinite(value) && !Object.is(value, -0))
}

// A default deep inside, behind `nullable()` or in a union, would fill in what `optional()` leaves out.
function keepsUndefined(compiling: Compiling, schema: ZodSchema): boolean {
  if (!compiling.canCompile(schema)) return false
  const { innerType, options = [] } = schema._zod.def
  return [...(innerType ? [innerType] : []), ...options].every((part) => keepsUndefined(compiling, part))
}
