import { messageOf } from "../error-text.ts"

/** What an attribute can be: OpenTelemetry's values, as they were when they were set. */
export type RecordedValue = string | number | boolean | null | readonly RecordedValue[] | { readonly [name: string]: RecordedValue }

export type RecordedAttributes = Readonly<Record<string, RecordedValue>>

const deepest = 8
/** Of one list, or of one object. */
const mostEntries = 128
/** Of a value altogether: what is joined to itself has no end of them. */
const mostOfAll = 1024

/** A copy of whatever value; what OpenTelemetry has no value for becomes text. */
export function recordedValue(value: unknown): RecordedValue {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value
  return copyOf(value, 0, { entriesLeft: mostOfAll })
}

/** A name as it can be sent: libraries are not all written with types. */
export function recordedText(text: unknown): string {
  return typeof text === "string" ? text : text === undefined || text === null ? "" : messageOf(text)
}

export function recordedAttributes(attributes?: Readonly<Record<string, unknown>> | null): RecordedAttributes {
  const recorded: Record<string, RecordedValue> = {}
  for (const name of Object.keys(attributes ?? {}).slice(0, mostEntries)) {
    if (attributes?.[name] !== undefined && name !== "__proto__") recorded[name] = recordedValue(attributes[name])
  }
  return recorded
}

interface Room {
  entriesLeft: number
}

function copyOf(value: unknown, depth: number, room: Room): RecordedValue {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value
  if (value === null || value === undefined) return null
  if (typeof value !== "object" || depth === deepest || value instanceof Date) return messageOf(value)
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")
  if (Array.isArray(value)) return fitting(value, room).map((entry) => copyOf(entry, depth + 1, room))
  return Object.fromEntries(fitting(Object.entries(value), room).map(([name, entry]) => [name, copyOf(entry, depth + 1, room)]))
}

function fitting<T>(entries: readonly T[], room: Room): readonly T[] {
  const count = Math.min(entries.length, mostEntries, room.entriesLeft)
  room.entriesLeft -= count
  return entries.slice(0, count)
}
