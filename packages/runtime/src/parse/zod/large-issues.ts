import { validateAtOnce } from "@hanok/contract"
import type { Schema } from "@hanok/contract"
import { checksOf } from "./definition.ts"
import type { ZodSchema } from "./definition.ts"

/** As Standard Schema has it. */
export interface FoundIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** More are not told of. */
export const mostIssues = 100
/** So many values in one are few enough to have the library tell of all that is wrong with them. */
const fewValues = 1_000

/**
 * What is wrong in the parts of a value that has very many: of its first parts that do not fit, and no more than is told. Zod itself
 * finds all that is wrong with all of them first, which for a megabyte takes seconds and gigabytes. None where it is only the whole
 * that does not fit, or the schema is not made of such parts: then the library has to be asked.
 */
export function issuesInLarge(schema: ZodSchema, value: unknown): readonly FoundIssue[] {
  return isLarge(value) ? (issuesInParts(schema, value) ?? []) : []
}

function issuesIn(schema: ZodSchema, value: unknown): readonly FoundIssue[] {
  const inParts = isLarge(value) ? issuesInParts(schema, value) : undefined
  if (inParts && inParts.length > 0) return inParts
  // Every Zod 4 schema is a Standard Schema.
  return validateAtOnce(schema as unknown as Schema, value)?.issues ?? []
}

/** What wraps a schema, and has nothing to say of a value that is a list or an object. */
const wrappers: ReadonlySet<string> = new Set(["optional", "nullable", "default", "prefault", "readonly", "nonoptional"])

function issuesInParts(schema: ZodSchema, value: object): readonly FoundIssue[] | undefined {
  const { type, innerType, options } = schema._zod.def
  if (innerType && wrappers.has(type)) return issuesInParts(innerType, value)
  if (type === "union" && options) return issuesInOptions(schema, options, value)
  const parts = partsOf(schema, value)
  if (!parts) return undefined
  const found: FoundIssue[] = []
  for (const [key, part, its] of parts) {
    for (const { message, path = [] } of issuesIn(part, its)) found.push({ message, path: [key, ...path] })
    if (found.length >= mostIssues) break
  }
  return found
}

function issuesInOptions(schema: ZodSchema, options: readonly ZodSchema[], value: object): readonly FoundIssue[] | undefined {
  const { discriminator } = schema._zod.def
  if (discriminator === undefined)
    return options.every((option) => issuesIn(option, value).length > 0) ? [{ message: "Invalid input" }] : []
  const named: unknown = Reflect.get(value, discriminator)
  const chosen = options.find(({ _zod: { def } }) => {
    const its = def.shape?.[discriminator]
    return its && issuesIn(its, named).length === 0
  })
  return chosen && issuesInParts(chosen, value)
}

type Part = readonly [key: PropertyKey, schema: ZodSchema, value: unknown]

function partsOf(schema: ZodSchema, value: object): Iterable<Part> | undefined {
  const { type, element, shape, valueType } = schema._zod.def
  if (type === "array" && element && Array.isArray(value)) return isTooLong(schema, value) ? undefined : itemsOf(element, value)
  if (Array.isArray(value)) return undefined
  const entries = Object.entries(value)
  if (type === "record" && valueType) return entries.map(([key, its]) => [key, valueType, its])
  if (type !== "object" || !shape) return undefined
  // What is missing may be left out; all that is there has to fit.
  return entries.flatMap(([key, its]) => (Object.hasOwn(shape, key) && shape[key] ? [[key, shape[key], its] as const] : []))
}

function* itemsOf(element: ZodSchema, items: readonly unknown[]): Iterable<Part> {
  for (const [index, item] of items.entries()) yield [index, element, item]
}

// The library says so before it looks at any item.
function isTooLong(schema: ZodSchema, { length }: readonly unknown[]): boolean {
  return checksOf(schema).some((check) => length > (check.maximum ?? check.length ?? length))
}

function isLarge(value: unknown): value is object {
  let left = fewValues
  const isMore = (some: unknown): boolean =>
    --left < 0 || (typeof some === "object" && some !== null && Object.values(some).some((part: unknown) => isMore(part)))
  return isMore(value)
}
