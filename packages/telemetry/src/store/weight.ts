import type { LogRecord } from "../log-record.ts"
import type { SpanRecord } from "../span.ts"

/** What an object or a list takes, beside what lies in it. */
const objectBytes = 64
const valueBytes = 8

/** About how much memory a record takes while it waits, in bytes; without its resource, which many share. */
export function weightOf(record: SpanRecord | LogRecord): number {
  let weight = objectBytes
  for (const [name, value] of Object.entries(record)) if (name !== "resource") weight += weightOfValue(value)
  return weight
}

function weightOfValue(value: unknown): number {
  if (typeof value === "string") return value.length
  if (typeof value !== "object" || value === null) return valueBytes
  let weight = objectBytes
  for (const [name, entry] of Object.entries(value)) weight += name.length + weightOfValue(entry)
  return weight
}
