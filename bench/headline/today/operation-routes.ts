import { httpBindingOf, operationsOf } from "@hanok/contract"
import type { HandlerContext, HttpParts, Logger, Module, Operation } from "@hanok/contract"
import type { FastifyInstance, FastifyRequest } from "fastify"
import { identityOf } from "./identity.ts"
import { RequestContext } from "./request-context.ts"
import { parseInput, zodOf } from "./zod-compilers.ts"

type Handle = (input: unknown, context: HandlerContext) => Promise<unknown>
type Read = (request: FastifyRequest) => unknown

/** Each operation at `POST /internal/<name>` for the other services, and at the route that its contract names for the gateway. */
export function addOperations(app: FastifyInstance, module: Module, ports: never, log: Logger): void {
  for (const [name, operation] of operationsOf(module.contract)) {
    const make = module.handlers[name]
    // It is given what the input's schema has parsed and a context that can do what it declares.
    if (make) addOperation(app, { contract: module.contract.name, name, operation, handle: make(ports) as Handle, log })
  }
}

interface Served {
  readonly contract: string
  readonly name: string
  readonly operation: Operation
  readonly handle: Handle
  readonly log: Logger
}

function addOperation(app: FastifyInstance, { contract, name, operation, handle, log }: Served): void {
  const endpoint = { contract, operation: name, timeoutMs: operation.timeoutMs, log }
  const input = zodOf(operation.input)
  const shared = { config: { refusals: operation.refusals }, schema: { response: { 200: operation.output } } }
  const handlerReading = (read: Read) => (request: FastifyRequest) =>
    handle(parseInput(input, read(request)), new RequestContext(endpoint, identityOf(request.headers)))
  app.route({ ...shared, method: "POST", url: `/internal/${name}`, handler: handlerReading(({ body }) => body) })
  const binding = httpBindingOf(operation)
  if (!binding) return
  const url = binding.path.replaceAll(/\{([^{}]+)\}/g, ":$1")
  app.route({ ...shared, method: binding.method, url, handler: handlerReading((request) => binding.decode(partsOf(request))) })
}

// Fastify's router and query parser give text, or lists of text, by name.
function partsOf({ params, query, body }: FastifyRequest): HttpParts {
  return { path: params as HttpParts["path"], query: query as HttpParts["query"], body: body ?? undefined }
}
