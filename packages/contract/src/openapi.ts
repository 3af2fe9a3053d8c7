import { operationsOf } from "./contract.ts"
import type { Contract } from "./contract.ts"
import { httpBindingOf } from "./http-binding.ts"
import type { HttpBinding } from "./http-binding.ts"
import type { DocumentInfo, OpenApiDocument, OpenApiOperation, OpenApiParameter } from "./openapi-document.ts"
import { inputPartsOf } from "./openapi-input.ts"
import { responsesOf } from "./openapi-responses.ts"
import { createNamedSchemas } from "./openapi-schemas.ts"
import type { NamedSchemas } from "./openapi-schemas.ts"
import type { Access, Operation } from "./operation.ts"
import { parametersOf, shapeOf } from "./path-template.ts"

export interface OpenApiOptions extends DocumentInfo {
  /** Where it is served, for example `https://api.example.com`. */
  readonly servers?: readonly string[]
}

/**
 * The OpenAPI 3.1 document of what the gateway serves: every operation that has a route.
 * Throws what the schema library throws for a schema without a JSON form.
 */
export function openApiOf(contracts: readonly Contract[], options: OpenApiOptions): OpenApiDocument {
  const named = createNamedSchemas()
  const operations = contracts.flatMap((contract) =>
    operationsOf(contract).flatMap(([name, operation]) => {
      const binding = httpBindingOf(operation)
      return binding ? [{ contract: contract.name, binding, operation: operationOf(contract.name, name, operation, binding, named) }] : []
    }),
  )
  const paths: Record<string, Record<string, OpenApiOperation>> = {}
  const templates = new Map<string, string>()
  for (const { binding, operation } of operations) {
    const shape = shapeOf(binding.path)
    const path = templates.get(shape) ?? binding.path
    templates.set(shape, path)
    ;(paths[path] ??= {})[binding.method.toLowerCase()] = renamed(operation, binding.pathFields, parametersOf(path))
  }
  const { servers, ...info } = options
  return {
    openapi: "3.1.1",
    info,
    ...(servers ? { servers: servers.map((url) => ({ url })) } : {}),
    tags: [...new Set(operations.map(({ contract }) => contract))].map((name) => ({ name })),
    paths,
    components: { schemas: named.schemas, securitySchemes: { bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
  }
}

// Paths that differ only in the names of their fields are the same to OpenAPI; the first one's names hold.
function renamed(operation: OpenApiOperation, own: readonly string[], names: readonly string[]): OpenApiOperation {
  const nameOf = (name: string) => names[own.indexOf(name)] ?? name
  return {
    ...operation,
    parameters: operation.parameters.map((each) => (each.in === "path" ? { ...each, name: nameOf(each.name) } : each)),
  }
}

/** What every command takes. */
export const idempotencyKeyParameter: OpenApiParameter = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "Repetitions with the same key are applied once and get the first one's answer. 1 to 255 visible ASCII characters.",
  schema: { type: "string", minLength: 1, maxLength: 257 },
}

/** An identifier in every language. Underscores of the name are doubled, so that `card_find` of `gift` is not `find` of `gift-card`. */
export function operationIdOf(contract: string, name: string): string {
  return `${contract.replaceAll("-", "_")}_${name.replaceAll("_", "__")}`
}

function operationOf(contract: string, name: string, operation: Operation, binding: HttpBinding, named: NamedSchemas): OpenApiOperation {
  const operationId = operationIdOf(contract, name)
  const { parameters, requestBody } = inputPartsOf(operationId, operation, binding, named)
  return {
    operationId,
    tags: [contract],
    ...(operation.summary === undefined ? {} : { summary: operation.summary }),
    security: securityOf(operation.access),
    parameters: operation.kind === "command" ? [...parameters, idempotencyKeyParameter] : parameters,
    ...(requestBody ? { requestBody } : {}),
    responses: responsesOf(operation, named, {
      name: operationId,
      statusOf: (code) => operation.refusals[code]?.status ?? 409,
      faults: faultsOf(operation),
      traceHeader: "x-trace-id",
    }),
  }
}

// OpenAPI 3.1 lets roles stand where OAuth has scopes; any one of the alternatives is enough.
function securityOf(access: Access): OpenApiOperation["security"] {
  if (access === "public") return [{}, { bearer: [] }]
  return access === "signed-in" ? [{ bearer: [] }] : access.anyOf.map((role) => ({ bearer: [role] }))
}

function faultsOf({ kind, access }: Operation): Readonly<Record<number, string>> {
  return {
    400: "The input does not fit; `errors` names the fields.",
    401: access === "public" ? "The token is not valid." : "The token is missing or not valid.",
    ...(typeof access === "object" ? { 403: `The token has none of the roles ${access.anyOf.join(", ")}.` } : {}),
    ...(kind === "command"
      ? { 409: "The same command is still being carried out.", 422: "The idempotency key was used before for another input." }
      : {}),
    429: "Too many requests; repeat after the time in Retry-After.",
    503: "Overloaded or not reachable; repeat after the time in Retry-After.",
    504: "It took too long; the outcome of a command is unknown.",
  }
}
