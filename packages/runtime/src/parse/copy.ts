import { dereferenced } from "@hanok/contract"
import type { Fault, Issue, JsonSchema } from "@hanok/contract"
import { pointerTo } from "./pointer.ts"

type ToFault = (issues: readonly Issue[]) => Fault

/**
 * A copy of a JSON value, fresh at every level. Where `schema` lists an object's properties and does not allow others,
 * others are left out; where it is silent, all are kept but `__proto__`. -0 becomes 0, an item that is `undefined` becomes
 * `null`. Throws for what JSON cannot carry.
 */
export function copyDeclared(value: unknown, schema: JsonSchema, toFault: ToFault): unknown {
  return copy(value, schema, { root: schema, path: [], toFault, isParsed: true }, 0)
}

/**
 * The same for a value that has not been parsed yet: `undefined` stays, for a schema may tell it from a missing value, and what is not
 * allowed stays, for a strict schema refuses it.
 */
export function copySendable(value: unknown, schema: JsonSchema, toFault: ToFault): unknown {
  return copy(value, schema, { root: schema, path: [], toFault, isParsed: false }, 0)
}

interface Copying {
  /** Of the whole value: where references lead. */
  readonly root: JsonSchema
  /** The names that lead to the value that is being copied; beyond its depth there may be old ones. */
  readonly path: (string | number)[]
  readonly toFault: ToFault
  readonly isParsed: boolean
}

const deepest = 200

function copy(value: unknown, schema: JsonSchema | undefined, copying: Copying, depth: number): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value === 0 ? 0 : value
    throw refused(copying, depth, `${value} is not a number that JSON can carry`)
  }
  if (depth > deepest) throw refused(copying, depth, `nested deeper than ${deepest} levels`)
  if (Array.isArray(value)) return copyArray(value, schema, copying, depth)
  if (typeof value === "object") return copyObject(value, schema, copying, depth)
  if (value === undefined && (!copying.isParsed || depth === 0)) return undefined
  throw refused(copying, depth, `a ${typeof value} is not JSON`)
}

function copyArray(value: readonly unknown[], schema: JsonSchema | undefined, copying: Copying, depth: number): unknown[] {
  // With those that are missing, which `map` would leave missing.
  return Array.from(value, (item: unknown, index) => {
    copying.path[depth] = index
    return copy(item === undefined && copying.isParsed ? null : item, itemSchema(schema, copying.root, index), copying, depth + 1)
  })
}

function copyObject(value: object, schema: JsonSchema | undefined, copying: Copying, depth: number): object {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw refused(copying, depth, `a ${value.constructor?.name ?? "class instance"} is not JSON`)
  }
  const target: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) {
    const property = propertySchema(schema, copying, name)
    if ((item === undefined && copying.isParsed) || property === "undeclared" || name === "__proto__") continue
    copying.path[depth] = name
    target[name] = copy(item, property, copying, depth + 1)
  }
  return target
}

function refused({ path, toFault }: Copying, depth: number, message: string): Fault {
  const names = path.slice(0, depth).map(pointerTo)
  return toFault([{ field: names.join(""), message }])
}

// A list of properties says what is undeclared; of alternatives, what none of them lists. Other combinations are left to the library.
function propertySchema(given: JsonSchema | undefined, copying: Copying, name: string): JsonSchema | undefined | "undeclared" {
  const schema = given && dereferenced(given, copying.root)
  const properties = schema?.["properties"]
  const alternatives = isSchema(properties) ? [] : alternativesOf(schema, copying.root).filter((each) => !isScalar(each))
  if (alternatives.length > 0) return choiceOf(alternatives.map((each) => propertySchema(each, copying, name)))
  if (!isSchema(properties))
    return isSchema(schema?.["additionalProperties"]) ? (schema?.["additionalProperties"] as JsonSchema) : undefined
  if (Object.hasOwn(properties, name)) return isSchema(properties[name]) ? properties[name] : undefined
  const rest = schema?.["additionalProperties"]
  if (isSchema(rest)) return rest
  // What a strict schema refuses has to get to it.
  if (rest === false && !copying.isParsed) return undefined
  return rest === true || "patternProperties" in (schema ?? {}) || "allOf" in (schema ?? {}) ? undefined : "undeclared"
}

function itemSchema(given: JsonSchema | undefined, root: JsonSchema, index: number): JsonSchema | undefined {
  const schema = given && dereferenced(given, root)
  const prefix = schema?.["prefixItems"]
  if (Array.isArray(prefix) && index < prefix.length) return isSchema(prefix[index]) ? prefix[index] : undefined
  const items = schema?.["items"]
  if (isSchema(items)) return items
  const alternatives = alternativesOf(schema, root).filter((each) => each["type"] === "array" || !("type" in each))
  const chosen = alternatives.length === 0 ? undefined : choiceOf(alternatives.map((each) => itemSchema(each, root, index)))
  return chosen === "undeclared" ? undefined : chosen
}

function alternativesOf(schema: JsonSchema | undefined, root: JsonSchema): readonly JsonSchema[] {
  const listed = schema?.["anyOf"] ?? schema?.["oneOf"]
  return Array.isArray(listed) ? listed.filter(isSchema).map((each) => dereferenced(each, root)) : []
}

// What is not known of one alternative is not known of the choice.
function choiceOf(schemas: readonly (JsonSchema | undefined | "undeclared")[]): JsonSchema | undefined | "undeclared" {
  const declared = schemas.filter((schema) => schema !== "undeclared")
  const known = declared.filter((schema) => schema !== undefined)
  if (declared.length === 0) return "undeclared"
  if (known.length < declared.length) return undefined
  return known.length === 1 ? known[0] : { anyOf: known }
}

/** A schema that no object fits. */
function isScalar(schema: JsonSchema): boolean {
  const type = schema["type"]
  if ("const" in schema || "enum" in schema) return true
  return typeof type === "string" && type !== "object"
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
