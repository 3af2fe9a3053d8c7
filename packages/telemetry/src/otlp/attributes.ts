import type { Json } from "@hanok/contract"
import type { AnyValue, KeyValue } from "./schema.ts"

export type Attributes = Readonly<Record<string, Json>>

const none: Attributes = Object.freeze({})

/** Attributes as JSON. Of two with one key the last counts. */
export function attributesOf(pairs: readonly KeyValue[] | undefined): Attributes {
  if (pairs === undefined || pairs.length === 0) return none
  // Not by assignment: a key may be `__proto__`.
  return Object.fromEntries(pairs.map(({ key = "", value = {} }) => [key, jsonOf(value)]))
}

/** What JSON's numbers cannot carry becomes text: integers beyond 53 bits, NaN and the infinities. */
export function jsonOf(value: AnyValue): Json {
  if (value.stringValue !== undefined) return value.stringValue
  if (value.boolValue !== undefined) return value.boolValue
  if (value.intValue !== undefined) return integerOf(value.intValue)
  if (value.doubleValue !== undefined) return Number.isFinite(value.doubleValue) ? value.doubleValue : String(value.doubleValue)
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(jsonOf)
  if (value.kvlistValue !== undefined) return attributesOf(value.kvlistValue.values)
  return value.bytesValue ?? null
}

function integerOf(value: bigint): Json {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : String(value)
}
