import { types } from "pg"
import type { CustomTypesConfig } from "pg"

// Object identifiers of types, from pg_type.dat of PostgreSQL.
const bigint = 20
const bigints = 1016
const date = 1082
const dates = 1182
const timestamp: number = 1114
const timestamps = 1115
const timestamptz: number = 1184
const timestamptzs: number = 1185
const json = 114
const jsonb = 3802
const numeric = 1700
const numerics = 1231
const texts: number = 1009

/**
 * How values arrive where pg's own way would surprise: `bigint`, which every `count(*)` is, as a number;
 * `date` as the text `2026-05-01`, since a `Date` would be shifted by the time zone; `timestamp` as a `Date` of that time in UTC, as it is
 * written, where pg takes it for one of the process's time zone, in which an hour may come twice. Those in lists likewise; and `numeric`
 * in lists as the text that it is alone. Where a module says for a pool of its own that values arrive in another way
 * (`types.setTypeParser`), that is for all of the process: what stores and their journals read is not left to it.
 */
export const valueTypes: CustomTypesConfig = {
  getTypeParser(id: number, format?: "text" | "binary") {
    if (format === "binary") return types.getTypeParser(id, "binary")
    return parsers.get(id) ?? types.getTypeParser(id, "text")
  },
}

const parseTexts: (text: string) => unknown = types.getTypeParser(texts, "text")
const parseTime: (text: string) => unknown = types.getTypeParser(timestamptz, "text")
const parseTimes: (text: string) => unknown = types.getTypeParser(timestamptzs, "text")

const parsers: ReadonlyMap<number, (text: string) => unknown> = new Map([
  [bigint, parseBigint],
  [bigints, parseBigints],
  [date, asText],
  [dates, parseTexts],
  [timestamp, parseUtc],
  [timestamps, parseUtcs],
  [timestamptz, parseTime],
  [timestamptzs, parseTimes],
  [numeric, asText],
  [numerics, parseTexts],
  [json, JSON.parse],
  [jsonb, JSON.parse],
])

function asText(text: string): string {
  return text
}

function parseBigints(text: string): unknown {
  return parseEach(text, parseBigint)
}

function parseUtcs(text: string): unknown {
  return parseEach(text, parseUtc)
}

// Of as many dimensions as it has.
function parseEach(text: string, parse: (item: string) => unknown): unknown {
  const parsed = (item: unknown): unknown => (Array.isArray(item) ? item.map(parsed) : item === null ? null : parse(String(item)))
  return parsed(parseTexts(text))
}

// `infinity` is that in any time zone.
function parseUtc(text: string): unknown {
  return parseTime(text.replace(/\d(?= BC$|$)/, "$&+00"))
}

function parseBigint(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw new RangeError(`The bigint ${text} is too large for a number; select it as text (::text).`)
}

/** A parameter as pg takes it. A `Date` is the text of its time in UTC: pg writes it in the process's time zone, whose offset may be no whole minutes. */
export function parameterOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(parameterOf)
  return value instanceof Date ? utcText(value) : value
}

// PostgreSQL has no year 0, and no signs before years.
function utcText(time: Date): string {
  const text = time.toISOString()
  const [yearText = ""] = /^[+-]?\d+/.exec(text) ?? []
  const [year, rest] = [Number(yearText), text.slice(yearText.length)]
  const shown = String(year > 0 ? year : 1 - year).padStart(4, "0")
  return year > 0 ? shown + rest : `${shown}${rest} BC`
}
