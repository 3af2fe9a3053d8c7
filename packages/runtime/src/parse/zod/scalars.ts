import type { Compiling } from "./compiling.ts"
import { checksOf } from "./definition.ts"
import type { ZodCheck, ZodSchema } from "./definition.ts"
import type { Draft } from "./draft.ts"
import { isRun, runOf } from "./pattern.ts"

/** Formats of which the pattern is the whole check. */
const patternFormats = new Set(
  "regex email uuid guid nanoid cuid cuid2 ulid xid ksuid datetime date time duration e164 starts_with ends_with includes".split(" "),
)

/** The least and the greatest of each format, where not every safe integer is one. */
const integerRanges: Readonly<Record<string, readonly number[]>> = {
  safeint: [],
  int32: [-2147483648, 2147483647],
  uint32: [0, 4294967295],
}

/** Adds the check of a string `name`, and gives the name of what becomes of it; `undefined` when it cannot. */
export function addString(compiling: Compiling, draft: Draft, schema: ZodSchema, name: string): string | undefined {
  if (schema._zod.def.coerce) return undefined
  draft.add(`if (typeof ${name} !== "string") return REFUSED`)
  let current = name
  for (const check of checksOf(schema)) {
    const condition = stringCondition(draft, check, current)
    if (condition) addConditions(draft, [condition])
    else if (check.check === "overwrite" && typeof check.tx === "function") current = addOverwrite(compiling, draft, check.tx, current)
    else if (isRefinement(check)) addRefinement(draft, check, current)
    else return undefined
  }
  return current
}

// `trim()`, `toLowerCase()` and the like.
function addOverwrite(compiling: Compiling, draft: Draft, change: (value: never) => unknown, name: string): string {
  compiling.noteChange()
  const changed = draft.name()
  draft.add(`const ${changed} = ${draft.constant(change)}(${name})`)
  draft.add(`if (typeof ${changed} !== "string") return UNSURE`)
  return changed
}

/** A check with `refine()`, and how it is asked. */
type Refinement = ZodCheck & Required<Pick<ZodCheck, "fn">>

function isRefinement(check: ZodCheck): check is Refinement {
  return check.check === "custom" && typeof check.fn === "function" && check.when === undefined
}

// What it does not plainly accept is left to the library, which has words for it: a promise, for one.
function addRefinement(draft: Draft, { fn }: Refinement, name: string): void {
  draft.add(`if (${draft.constant(fn)}(${name}) !== true) return UNSURE`)
}

function addRefinements(draft: Draft, schema: ZodSchema, name: string): void {
  for (const check of checksOf(schema)) if (isRefinement(check)) addRefinement(draft, check, name)
}

/** `addCopy` adds what copies a value and gives the expression of the copy; after it come the schema's refinements, which look at that. */
export function addRefined(draft: Draft, schema: ZodSchema, addCopy: () => string): string {
  if (!checksOf(schema).some(isRefinement)) return addCopy()
  const wasLookedAt = draft.isLookedAt
  draft.isLookedAt = true
  const copied = draft.name()
  const copy = addCopy()
  draft.add(`const ${copied} = ${copy}`)
  addRefinements(draft, schema, copied)
  draft.isLookedAt = wasLookedAt
  return copied
}

/** The checks that are no refinements. */
export function plainChecksOf(schema: ZodSchema): readonly ZodCheck[] {
  return checksOf(schema).filter((check) => !isRefinement(check))
}

/** Adds the check of a number `name`; false when it cannot. */
export function addNumber(draft: Draft, schema: ZodSchema, name: string): boolean {
  if (schema._zod.def.coerce) return false
  const checks = plainChecksOf(schema)
  const formats = checks.filter(({ check }) => check === "number_format")
  const limits = checks.filter(({ check }) => check !== "number_format").map((check) => limitCondition(check, name))
  const ranges = formats.map(({ format = "" }) => rangeConditions(format, name))
  if (limits.includes(undefined) || ranges.includes(undefined)) return false
  // Whether it is an integer is the one question that the engine answers at a glance, so it comes before whether it is a number.
  draft.add(
    formats.length > 0
      ? `if (!Number.isSafeInteger(${name})) return typeof ${name} === "number" ? UNSURE : REFUSED`
      : `if (typeof ${name} !== "number" || !Number.isFinite(${name})) return REFUSED`,
  )
  addConditions(draft, [...ranges.flatMap((range) => range ?? []), ...limits])
  addRefinements(draft, schema, name)
  return true
}

/** Adds the check of an array's length; false when it cannot. */
export function addLength(draft: Draft, schema: ZodSchema, name: string): boolean {
  const conditions = plainChecksOf(schema).map((check) => lengthCondition(check, name, 1))
  if (conditions.includes(undefined)) return false
  addConditions(draft, conditions)
  return true
}

/** Adds the check that `name` is one of the schema's values; false when they are not all texts, whole numbers, truth values or null. */
export function addValues(draft: Draft, schema: ZodSchema, name: string): boolean {
  if (checksOf(schema).length > 0) return false
  const values = [...(schema._zod.values ?? [])]
  if (values.length === 0 || !values.every(isPlain)) return false
  const equal = values.map((value) => `${name} !== ${JSON.stringify(value)}`)
  draft.add(
    values.length <= 8
      ? `if (${equal.join(" && ")}) return REFUSED`
      : `if (!${draft.constant(new Set(values))}.has(${name})) return REFUSED`,
  )
  return true
}

function isPlain(value: unknown): boolean {
  return value === null || typeof value === "string" || typeof value === "boolean" || (Number.isInteger(value) && value !== 0)
}

// A value that fails a check is left to the library, which knows how to say it, and whether it fails at all.
function addConditions(draft: Draft, conditions: readonly (string | undefined)[]): void {
  for (const condition of conditions) if (condition) draft.add(`if (!(${condition})) return UNSURE`)
}

function stringCondition(draft: Draft, check: ZodCheck, name: string): string | undefined {
  if (check.check !== "string_format") return lengthCondition(check, name, 2)
  const { format = "", pattern } = check
  if (!patternFormats.has(format) || !(pattern instanceof RegExp) || /[gy]/.test(pattern.flags)) return undefined
  const test = `${draft.constant(pattern)}.test(${name})`
  const run = runOf(pattern)
  return run ? `(${draft.constant(isRun)}(${name}, ${draft.constant(run)}) || ${test})` : test
}

/**
 * What makes a length sure to pass, whether it counts characters or units of UTF-16 (of which a character has at most
 * `unitsPerItem`): versions of Zod differ in that.
 */
function lengthCondition(check: ZodCheck, name: string, unitsPerItem: 1 | 2): string | undefined {
  const { minimum, maximum, length } = check
  if (check.check === "max_length" && isCount(maximum)) return `${name}.length <= ${maximum}`
  const exact = unitsPerItem === 1 ? "" : ` && !/[\\ud800-\\udfff]/.test(${name})`
  if (check.check === "length_equals" && isCount(length)) return `${name}.length === ${length}${exact}`
  if (check.check !== "min_length" || !isCount(minimum)) return undefined
  const sure = `${name}.length >= ${Math.max(minimum, minimum * unitsPerItem - (unitsPerItem - 1))}`
  return exact === "" || minimum <= 1 ? sure : `(${sure} || ${name}.length >= ${minimum}${exact})`
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

function rangeConditions(format: string, name: string): readonly string[] | undefined {
  return integerRanges[format]?.map((limit, side) => `${name} ${side === 0 ? ">=" : "<="} ${limit}`)
}

function limitCondition({ check, value, inclusive }: ZodCheck, name: string): string | undefined {
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined
  if (check === "greater_than") return `${name} ${inclusive ? ">=" : ">"} ${value}`
  if (check === "less_than") return `${name} ${inclusive ? "<=" : "<"} ${value}`
  return undefined
}
