import { types } from "pg"
import type { CustomTypesConfig } from "pg"

// Object identifiers of types, from pg_type.dat of PostgreSQL.
const bigint = 20
const date = 1082

/**
 * How values arrive where pg's own way would surprise: `bigint`, which every `count(*)` is, as a number;
 * `date` as the text `2026-05-01`, since a `Date` would be shifted by the time zone.
 */
export const valueTypes: CustomTypesConfig = {
  getTypeParser(id: number, format?: "text" | "binary") {
    if (id === bigint) return parseBigint
    if (id === date) return (text: string) => text
    return format === "binary" ? types.getTypeParser(id, "binary") : types.getTypeParser(id, "text")
  },
}

function parseBigint(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw new RangeError(`The bigint ${text} is too large for a number; select it as text (::text).`)
}
