import { operationsOf } from "./contract.ts"
import type { Contract } from "./contract.ts"
import type { DocumentInfo, OpenApiDocument, OpenApiOperation, OpenApiParameter } from "./openapi-document.ts"
import { idempotencyKeyParameter, operationIdOf } from "./openapi.ts"
import { responsesOf } from "./openapi-responses.ts"
import { createNamedSchemas } from "./openapi-schemas.ts"
import type { NamedSchemas } from "./openapi-schemas.ts"
import type { Operation } from "./operation.ts"
import { jsonSchemaOf } from "./schema.ts"

/**
 * The OpenAPI 3.1 document for programs inside that are not written in TypeScript: every operation of the contracts is
 * `POST /rpc/{contract}/{operation}`, its input the body, its output the answer. A refusal is a problem document
 * with status 409, its code and its details.
 */
export function internalOpenApiOf(contracts: Contract | readonly Contract[], info: Partial<DocumentInfo> = {}): OpenApiDocument {
  const all = "kind" in contracts ? [contracts] : contracts
  const named = createNamedSchemas()
  const paths = all.flatMap((contract) =>
    operationsOf(contract).map(([name, operation]) => {
      return [`/rpc/${contract.name}/${name}`, { post: operationOf(contract.name, name, operation, named) }]
    }),
  )
  return {
    openapi: "3.1.1",
    info: { title: `${all.map(({ name }) => name).join(", ")}, from inside`, version: "1", ...info },
    tags: all.map(({ name }) => ({ name })),
    paths: Object.fromEntries(paths),
    components: { schemas: named.schemas, securitySchemes: { service } },
  }
}

const service = { type: "http", scheme: "bearer", description: "The signed identity of the calling service." }

const timeoutParameter: OpenApiParameter = {
  name: "hanok-timeout-ms",
  in: "header",
  required: false,
  description: "How long the caller still waits, in milliseconds; work that cannot end in time is not begun. 10 000 when not given.",
  schema: { type: "integer", minimum: 1, maximum: 300_000 },
}

const traceParameter: OpenApiParameter = {
  name: "traceparent",
  in: "header",
  required: false,
  description: "The caller's span (W3C Trace Context).",
  schema: { type: "string" },
}

const subjectParameter: OpenApiParameter = {
  name: "hanok-subject",
  in: "header",
  required: false,
  description: "The end user for whom the call is made; the service's token vouches for it.",
  schema: { type: "string" },
}

const rolesParameter: OpenApiParameter = {
  name: "hanok-roles",
  in: "header",
  required: false,
  description: "That user's roles, separated by commas.",
  schema: { type: "string" },
}

function operationOf(contract: string, name: string, operation: Operation, named: NamedSchemas): OpenApiOperation {
  const operationId = operationIdOf(contract, name)
  const input = named.place(jsonSchemaOf(operation.input, "input"), `${operationId}_input`)
  return {
    operationId,
    tags: [contract],
    ...(operation.summary === undefined ? {} : { summary: operation.summary }),
    security: [{ service: [] }],
    parameters: [
      timeoutParameter,
      subjectParameter,
      rolesParameter,
      traceParameter,
      ...(operation.kind === "command" ? [idempotencyKeyParameter] : []),
    ],
    requestBody: { required: true, content: { "application/json": { schema: input } } },
    responses: responsesOf(operation, named, { name: operationId, statusOf: () => 409, faults, traceHeader: "x-trace-id" }),
  }
}

const faults = {
  400: "The input does not fit; `errors` names the fields.",
  401: "The service's token is missing or not valid.",
  403: "The caller does not declare this contract in its `uses`.",
  409: "The same command is still being carried out.",
  413: "The body is larger than 1 MiB.",
  415: "The body is not application/json, or it is compressed.",
  422: "The idempotency key was used before for another input.",
  503: "Overloaded, or not reachable; repeat after the time in Retry-After.",
  504: "It took too long; the outcome of a command is unknown.",
}
