/** What an attribute can be: OpenTelemetry's values, as they were when they were set. */
export type RecordedValue = string | number | boolean | null | readonly RecordedValue[] | { readonly [name: string]: RecordedValue }

export type RecordedAttributes = Readonly<Record<string, RecordedValue>>

const deepest = 8
const mostEntries = 128

/** A copy of a library's value; what OpenTelemetry has no value for becomes text. */
export function recordedValue(value: unknown, depth = 0): RecordedValue {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value
  if (value === null || value === undefined) return null
  if (typeof value !== "object" || depth === deepest || value instanceof Date) return String(value)
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")
  if (Array.isArray(value)) return value.slice(0, mostEntries).map((entry) => recordedValue(entry, depth + 1))
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, mostEntries)
      .map(([name, entry]) => [name, recordedValue(entry, depth + 1)]),
  )
}

export function recordedAttributes(attributes: Readonly<Record<string, unknown>> = {}): RecordedAttributes {
  const names = Object.keys(attributes).slice(0, mostEntries)
  return Object.fromEntries(names.flatMap((name) => (attributes[name] === undefined ? [] : [[name, recordedValue(attributes[name])]])))
}
