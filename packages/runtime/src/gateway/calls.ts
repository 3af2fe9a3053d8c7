import type { FastifyInstance, FastifyRequest, HTTPMethods } from "fastify"
import type { PendingReply } from "../seam/seam.ts"
import { decoderOf } from "./decode.ts"
import type { Door } from "./door.ts"
import type { Exchange } from "./exchange.ts"
import { idempotencyKeyOf } from "./idempotency-key.ts"
import type { GatewayRoute } from "./routes.ts"

const json = ["content-type", "application/json; charset=utf-8"]

/** Makes the operation callable at its route. */
export function addCall(app: FastifyInstance, door: Door, route: GatewayRoute): void {
  const decode = decoderOf(route.declaration)
  const doorway = door.doorway(route)
  app.route({
    // `HttpRoute` allows only methods that Fastify knows.
    method: route.method as HTTPMethods,
    url: route.url,
    onRequest: (request, reply, done) => {
      const entering = doorway.enter(request, reply)
      if (!entering) done()
      return entering
    },
    handler: (request, reply) => {
      const exchange = door.exchangeOf(request)
      const input = decode(request)
      const pending = doorway.begin(exchange, () => call(exchange, route, input, request))
      exchange.outcomeOf(pending).then(
        (output) => exchange.answer(200, json, JSON.stringify(output)),
        (error: unknown) => door.refuse(error, request, reply),
      )
    },
  })
}

function call(
  { span, identity }: Exchange,
  { name, declaration }: GatewayRoute,
  input: unknown,
  request: FastifyRequest,
): PendingReply {
  const idempotencyKey = declaration.kind === "command" ? idempotencyKeyOf(name, identity, request.headers["idempotency-key"]) : undefined
  return span.call({ input, identity, idempotencyKey, timeoutMs: undefined })
}
