import { types } from "pg"
import type { CustomTypesConfig } from "pg"

// Object identifiers of types, from pg_type.dat of PostgreSQL.
const bigint = 20
const bigints = 1016
const date = 1082
const dates = 1182
const numerics = 1231
const texts: number = 1009

/**
 * How values arrive where pg's own way would surprise: `bigint`, which every `count(*)` is, as a number;
 * `date` as the text `2026-05-01`, since a `Date` would be shifted by the time zone. Those in lists likewise; and `numeric` in lists
 * as the text that it is alone.
 */
export const valueTypes: CustomTypesConfig = {
  getTypeParser(id: number, format?: "text" | "binary") {
    if (id === bigint) return parseBigint
    if (id === bigints) return parseBigints
    if (id === date) return (text: string) => text
    if (id === dates || id === numerics) return parseTexts
    return format === "binary" ? types.getTypeParser(id, "binary") : types.getTypeParser(id, "text")
  },
}

const parseTexts: (text: string) => unknown = types.getTypeParser(texts, "text")

// Of as many dimensions as it has.
function parseBigints(text: string): unknown {
  const parsed = (item: unknown): unknown => (Array.isArray(item) ? item.map(parsed) : item === null ? null : parseBigint(String(item)))
  return parsed(parseTexts(text))
}

function parseBigint(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw new RangeError(`The bigint ${text} is too large for a number; select it as text (::text).`)
}
