import { Fault } from "@hanok/contract"
import type { Schema } from "@hanok/contract"
import type { FastifySerializerCompiler } from "fastify"
import type { ZodType } from "zod"

/** The shop's schemas are Zod's. */
export function zodOf(schema: Schema): ZodType {
  return schema as unknown as ZodType
}

/** The value as the schema has it; throws `INVALID_INPUT`, which is answered with 400. */
export function parseInput(schema: ZodType, value: unknown): unknown {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issues = result.error.issues.map(({ path, message }) => ({ field: path.map((part) => `/${String(part)}`).join(""), message }))
  throw new Fault("INVALID_INPUT", "The request is not valid.", { issues })
}

/** Replies are parsed, so that nothing undeclared leaves, and written as JSON: as `fastify-type-provider-zod` does it. */
export const serializerCompiler: FastifySerializerCompiler<ZodType> =
  ({ schema }) =>
  (value) =>
    JSON.stringify(schema.parse(value))
