import type { Fault, Issue, JsonSchema } from "@hanok/contract"

type ToFault = (issues: readonly Issue[]) => Fault

/**
 * A copy of a JSON value, fresh at every level. Where `schema` lists an object's properties and does not allow others,
 * others are left out; where it is silent, all are kept but `__proto__`. -0 becomes 0, an item that is `undefined` becomes
 * `null`. Throws for what JSON cannot carry.
 */
export function copyDeclared(value: unknown, schema: JsonSchema, toFault: ToFault): unknown {
  return copy(value, schema, "", toFault, 0, false)
}

/** The same for a value that has not been parsed yet: `undefined` stays, for a schema may tell it from a missing value. */
export function copySendable(value: unknown, schema: JsonSchema, toFault: ToFault): unknown {
  return copy(value, schema, "", toFault, 0, true)
}

const deepest = 200

function copy(
  value: unknown,
  schema: JsonSchema | undefined,
  field: string,
  toFault: ToFault,
  depth: number,
  keepsUndefined: boolean,
): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value === 0 ? 0 : value
    throw toFault([{ field, message: `${value} is not a number that JSON can carry` }])
  }
  if (depth > deepest) throw toFault([{ field, message: `nested deeper than ${deepest} levels` }])
  if (Array.isArray(value))
    return value.map((item: unknown, index) => {
      return copy(
        item === undefined && !keepsUndefined ? null : item,
        itemSchema(schema, index),
        `${field}/${index}`,
        toFault,
        depth + 1,
        keepsUndefined,
      )
    })
  if (typeof value === "object") return copyObject(value, schema, field, toFault, depth, keepsUndefined)
  if (value === undefined && (keepsUndefined || field === "")) return undefined
  throw toFault([{ field, message: `a ${typeof value} is not JSON` }])
}

function copyObject(
  value: object,
  schema: JsonSchema | undefined,
  field: string,
  toFault: ToFault,
  depth: number,
  keepsUndefined: boolean,
): object {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw toFault([{ field, message: `a ${value.constructor?.name ?? "class instance"} is not JSON` }])
  }
  const target: Record<string, unknown> = {}
  for (const [name, item] of Object.entries(value)) {
    const property = propertySchema(schema, name)
    if ((item === undefined && !keepsUndefined) || property === "undeclared" || name === "__proto__") continue
    target[name] = copy(item, property, `${field}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, toFault, depth + 1, keepsUndefined)
  }
  return target
}

// Only a plain list of properties says what is undeclared; combinations of schemas are left to the library.
function propertySchema(schema: JsonSchema | undefined, name: string): JsonSchema | undefined | "undeclared" {
  const properties = schema?.["properties"]
  if (!isSchema(properties))
    return isSchema(schema?.["additionalProperties"]) ? (schema?.["additionalProperties"] as JsonSchema) : undefined
  if (Object.hasOwn(properties, name)) return isSchema(properties[name]) ? properties[name] : undefined
  const rest = schema?.["additionalProperties"]
  if (isSchema(rest)) return rest
  return rest === true || "patternProperties" in (schema ?? {}) || "allOf" in (schema ?? {}) ? undefined : "undeclared"
}

function itemSchema(schema: JsonSchema | undefined, index: number): JsonSchema | undefined {
  const prefix = schema?.["prefixItems"]
  if (Array.isArray(prefix) && index < prefix.length) return isSchema(prefix[index]) ? prefix[index] : undefined
  const items = schema?.["items"]
  return isSchema(items) ? items : undefined
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
