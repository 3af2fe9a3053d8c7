import { openly } from "./json-schema.ts"
import type { OpenApiResponse } from "./openapi-document.ts"
import type { NamedSchemas } from "./openapi-schemas.ts"
import type { Operation } from "./operation.ts"
import { problemMediaType } from "./problem.ts"
import { jsonSchemaOf, validateAtOnce } from "./schema.ts"
import type { JsonSchema, Schema } from "./schema.ts"

/** A `Problem` as JSON Schema. */
const problemSchema: JsonSchema = {
  title: "Problem",
  description: "An error (RFC 9457). Match `code`; `title` and `detail` are for people.",
  type: "object",
  required: ["type", "title", "status", "detail", "code", "traceId"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: "string", description: "The code of a refusal that the operation declares, or of a fault." },
    traceId: { type: "string", pattern: "^[0-9a-f]{32}$", description: "Finds the logs and spans of this request." },
    hint: { type: "string", description: "What to do next." },
    retryable: { type: "boolean", description: "Whether a repetition may succeed; repeat a command with its Idempotency-Key only." },
    retryAfterMs: { type: "integer", description: "The soonest worthwhile repetition, in milliseconds." },
    errors: {
      type: "array",
      description: "The fields that do not fit, as JSON Pointers into the input.",
      items: {
        type: "object",
        required: ["field", "message"],
        properties: { field: { type: "string" }, message: { type: "string" } },
      },
    },
  },
}

export interface ResponsesOptions {
  /** The operation's name in the document. */
  readonly name: string
  /** The status of a refusal. */
  readonly statusOf: (code: string) => number
  /** What faults mean, by status. */
  readonly faults: Readonly<Record<number, string>>
  readonly traceHeader: string
}

/** What an operation answers, by status. */
export function responsesOf(
  operation: Operation,
  named: NamedSchemas,
  { name, statusOf, faults, traceHeader }: ResponsesOptions,
): Readonly<Record<string, OpenApiResponse>> {
  const headers = { [traceHeader]: { description: "The trace of this request.", schema: { type: "string", pattern: "^[0-9a-f]{32}$" } } }
  const problem = named.place(problemSchema, "Problem")
  const output = named.place(openly(jsonSchemaOf(operation.output, "output")), `${name}_output`)
  const refusals = Object.entries(operation.refusals).map(([code, { schema }]) => {
    const details = named.place(openly(jsonSchemaOf(schema, "output")), `${name}_${code}`)
    const properties = { code: { const: code }, details }
    return { code, status: statusOf(code), schema: { allOf: [problem, { type: "object", required: ["code", "details"], properties }] } }
  })
  const statuses = [...new Set([...Object.keys(faults).map(Number), ...refusals.map(({ status }) => status)])].sort((a, b) => a - b)
  const errors = statuses.map((status) => {
    const here = refusals.filter((refusal) => refusal.status === status)
    const fault = faults[status]
    const said = [...here.map(({ code }) => `Refused: ${code}.`), ...(fault === undefined ? [] : [fault])]
    const schemas = [...here.map(({ schema }) => schema), ...(fault === undefined ? [] : [problem])]
    return [status, { description: said.join(" "), headers, ...problemContent(schemas) }] as const
  })
  return {
    200: { description: "Done.", headers, content: { "application/json": { schema: output } } },
    ...(mayBeNothing(operation.output) ? { 204: { description: "Done, with nothing to tell.", headers } } : {}),
    ...Object.fromEntries(errors),
    default: { description: "Any other error.", headers, ...problemContent([problem]) },
  }
}

// JSON Schema has no word for it; the schema itself knows. One that takes its time to answer, or throws, does not say so.
function mayBeNothing(schema: Schema): boolean {
  try {
    const result = validateAtOnce(schema, undefined)
    return result !== undefined && result.issues === undefined && result.value === undefined
  } catch {
    return false
  }
}

function problemContent(schemas: readonly JsonSchema[]): Pick<OpenApiResponse, "content"> {
  const [only, ...more] = schemas
  return { content: { [problemMediaType]: { schema: only && more.length === 0 ? only : { anyOf: schemas } } } }
}
