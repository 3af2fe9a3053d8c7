import { Malformed } from "./malformed.ts"
import { deepest } from "./message.ts"
import type { FieldKind, Message, NamedField } from "./message.ts"

/**
 * Reads a message from OTLP/JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): lowerCamelCase names,
 * ids in hexadecimal, 64-bit numbers as text or number, enums as numbers. Throws `Malformed`, which names the field.
 */
export function readJson<T>(message: Message<T>, value: unknown): T {
  // The fields were read by the very description that the type was inferred from.
  return readMessage(value, message, "", 0) as T
}

function readMessage(value: unknown, message: Message<unknown>, path: string, depth: number): unknown {
  if (depth > deepest) throw new Malformed(`${path}: more than ${deepest} messages lie in each other`)
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw unexpected(path, "an object", value)
  const read: Record<string, unknown> = {}
  for (const field of message.fields) {
    const given = (value as Readonly<Record<string, unknown>>)[field.name]
    if (given !== undefined && given !== null) read[field.name] = readField(given, field, `${path}/${field.name}`, depth)
  }
  return read
}

function readField(value: unknown, field: NamedField, path: string, depth: number): unknown {
  const message = field.message?.()
  if (!message) return scalars[field.kind]?.(value, path)
  if (!field.repeated) return readMessage(value, message, path, depth + 1)
  if (!Array.isArray(value)) throw unexpected(path, "a list", value)
  return value.map((entry, index) => readMessage(entry, message, `${path}/${index}`, depth + 1))
}

const scalars: Readonly<Partial<Record<FieldKind, (value: unknown, path: string) => unknown>>> = {
  string: textAt,
  id: (value, path) => textAt(value, path).toLowerCase(),
  bytes: textAt,
  bool(value, path) {
    if (typeof value === "boolean") return value
    throw unexpected(path, "true or false", value)
  },
  enum(value, path) {
    // In protobuf it is a number of 32 bits, and the store keeps no longer one.
    if (value === (Number(value) | 0)) return value
    throw unexpected(path, "an enum's number", value)
  },
  int64: (value, path) => integerAt(value, path, -(2n ** 63n), 2n ** 63n),
  fixed64: (value, path) => integerAt(value, path, 0n, 2n ** 64n),
  double(value, path) {
    if (typeof value === "number" || typeof value === "bigint") return Number(value)
    const isNumber = typeof value === "string" && value !== "" && (value === "NaN" || !Number.isNaN(Number(value)))
    if (isNumber) return Number(value)
    throw unexpected(path, "a number", value)
  },
}

function textAt(value: unknown, path: string): string {
  if (typeof value === "string") return value
  throw unexpected(path, "text", value)
}

const integer = /^-?\d{1,20}$/

function integerAt(value: unknown, path: string, least: bigint, end: bigint): bigint {
  const isInteger = Number.isSafeInteger(value) || typeof value === "bigint" || (typeof value === "string" && integer.test(value))
  const number = isInteger ? BigInt(value as string | number | bigint) : end
  if (number >= least && number < end) return number
  throw unexpected(path, "a whole number of 64 bits", value)
}

const longestShown = 60

function unexpected(path: string, wanted: string, value: unknown): Malformed {
  const plain = typeof value === "string" ? JSON.stringify(value) : String(value)
  const shown = typeof value === "object" && value !== null ? (Array.isArray(value) ? "a list" : "an object") : plain
  return new Malformed(`${path === "" ? "the body" : path}: ${wanted} belongs here, not ${shown.slice(0, longestShown)}`)
}
