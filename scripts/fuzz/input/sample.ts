import type { JsonSchema } from "@hanok/contract"
import type { Random } from "../../../examples/shop/load/random.ts"

/** Texts among which most patterns find one that fits; ids of things that there are come on top. */
const usualTexts = [
  "a",
  "Celadon cup",
  "a-1",
  "a-1.b-2",
  "2026-11",
  "WELCOME-10",
  "tok_ok",
  "010-1234-5678",
  "04524",
  "KR-12345",
  "101-20-30401",
  "AAAAAAAAAAAAAAAAAAAAAAAA",
  "2030-01-02T03:04:05.000Z",
  "2030-01-02",
  "somebody@fuzz.example",
  "a long enough password",
]

/** Makes values that fit a schema, more or less: what cannot be found out is guessed. */
export function sampleOf(schema: JsonSchema, random: Random, knownTexts: readonly string[], root: JsonSchema = schema): unknown {
  const sample = (part: JsonSchema) => sampleOf(part, random, knownTexts, root)
  // Schemas are JSON, whose parts are looked at one by one.
  const { type, anyOf, oneOf, allOf, $ref, enum: values } = schema as Readonly<Record<string, unknown>>
  if (typeof $ref === "string") return sample(partAt(root, $ref))
  if ("const" in schema) return schema["const"]
  if (Array.isArray(values)) return random.pick(values)
  for (const choices of [anyOf, oneOf]) if (Array.isArray(choices)) return sample((random.pick(choices) ?? {}) as JsonSchema)
  if (Array.isArray(allOf)) return Object.assign({}, ...allOf.map((part) => sample(part as JsonSchema)))
  switch (type) {
    case "object":
      return objectOf(schema, random, sample)
    case "array":
      return listOf(schema, random, sample)
    case "string":
      return textOf(schema, random, knownTexts)
    case "integer":
    case "number":
      return numberOf(schema, random)
    case "boolean":
      return random.chance(0.5)
    default:
      return null
  }
}

function partAt(root: JsonSchema, reference: string): JsonSchema {
  const names = reference.split("/").slice(1)
  return names.reduce<unknown>((part, name) => (part as Readonly<Record<string, unknown>>)[name], root) as JsonSchema
}

function objectOf(schema: JsonSchema, random: Random, sample: (part: JsonSchema) => unknown): unknown {
  const properties = (schema["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>
  const required = (schema["required"] ?? []) as readonly string[]
  const chosen = Object.entries(properties).filter(([name]) => required.includes(name) || random.chance(0.4))
  return Object.fromEntries(chosen.map(([name, part]) => [name, sample(part)]))
}

function listOf(schema: JsonSchema, random: Random, sample: (part: JsonSchema) => unknown): unknown {
  const least = Number(schema["minItems"] ?? 0)
  const length = random.between(least, Math.max(least, Math.min(Number(schema["maxItems"] ?? 3), 3)))
  return Array.from({ length }, () => sample((schema["items"] ?? {}) as JsonSchema))
}

function textOf(schema: JsonSchema, random: Random, knownTexts: readonly string[]): string {
  const pattern = typeof schema["pattern"] === "string" ? new RegExp(schema["pattern"], "u") : undefined
  const least = Number(schema["minLength"] ?? 0)
  const fits = (text: string) => text.length >= least && (pattern?.test(text) ?? true)
  const pool = random.chance(0.7) ? [...knownTexts, ...usualTexts] : usualTexts
  return random.pick(pool.filter(fits)) ?? "x".repeat(Math.max(1, least))
}

function numberOf(schema: JsonSchema, random: Random): number {
  const least = Number(schema["minimum"] ?? 0)
  return random.between(least, Math.min(Number(schema["maximum"] ?? 1_000), least + 1_000))
}
