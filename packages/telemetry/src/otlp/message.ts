/** How one field's value is written: in protobuf by its kind, in OTLP/JSON by the rules of proto3's JSON with ids in hexadecimal. */
export type FieldKind = "string" | "id" | "bytes" | "bool" | "enum" | "int64" | "fixed64" | "double" | "message"

/** A field of a protobuf message; `T` is what it is read as. */
export interface Field<T> {
  readonly number: number
  readonly kind: FieldKind
  readonly repeated: boolean
  /** Given for the kind `message`; a function, so that messages can contain themselves. */
  readonly message?: () => Message<unknown>
  /** Carries the type only; never set. */
  readonly "~type"?: T
}

/** A message type, read alike from both encodings: 64-bit numbers as bigint, ids as lower-case hexadecimal, bytes as base64. */
export interface Message<T> {
  readonly fields: readonly NamedField[]
  /** By field number, with gaps. */
  readonly byNumber: readonly (NamedField | undefined)[]
  readonly "~type"?: T
}

export interface NamedField extends Field<unknown> {
  readonly name: string
}

type FieldValues<F> = { readonly [Name in keyof F]?: F[Name] extends Field<infer T> ? T : never }

/** A message type from its fields, named as in OTLP/JSON. Fields that are not listed are passed over. */
export function message<F extends Readonly<Record<string, Field<unknown>>>>(fields: F): Message<FieldValues<F>> {
  const named = Object.entries(fields).map(([name, field]): NamedField => Object.assign({ name }, field))
  const byNumber: NamedField[] = []
  for (const field of named) byNumber[field.number] = field
  return { fields: named, byNumber }
}

export function text(number: number): Field<string> {
  return { number, kind: "string", repeated: false }
}

export function id(number: number): Field<string> {
  return { number, kind: "id", repeated: false }
}

export function bytes(number: number): Field<string> {
  return { number, kind: "bytes", repeated: false }
}

export function bool(number: number): Field<boolean> {
  return { number, kind: "bool", repeated: false }
}

export function enumeration(number: number): Field<number> {
  return { number, kind: "enum", repeated: false }
}

export function int64(number: number): Field<bigint> {
  return { number, kind: "int64", repeated: false }
}

export function fixed64(number: number): Field<bigint> {
  return { number, kind: "fixed64", repeated: false }
}

export function double(number: number): Field<number> {
  return { number, kind: "double", repeated: false }
}

export function one<T>(number: number, message: () => Message<T>): Field<T> {
  return { number, kind: "message", repeated: false, message }
}

export function many<T>(number: number, message: () => Message<T>): Field<readonly T[]> {
  return { number, kind: "message", repeated: true, message }
}

/** How deep messages may lie in each other: protobuf's own limit. */
export const deepest = 100

/** How many messages one request may have: two bytes of a body can become a span of half a kilobyte, and one process has to hold them all. */
export const mostMessages = 1_000_000
