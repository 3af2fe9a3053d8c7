import { httpBindingOf } from "@hanok/contract"
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify"
import type { PendingReply } from "../seam/seam.ts"
import { decoderOf } from "./decode.ts"
import type { Door, Doorway } from "./door.ts"
import type { Exchange } from "./exchange.ts"
import { idempotencyKeyOf } from "./idempotency-key.ts"
import { readJsonBody } from "./request-body.ts"
import type { BodyReceiver } from "./request-body.ts"
import type { GatewayRoute } from "./routes.ts"

/** Makes the operation callable at its route. */
export function addCall(app: FastifyInstance, door: Door, route: GatewayRoute, bodyLimitBytes: number): void {
  const binding = httpBindingOf(route.declaration)
  if (!binding) return
  const line = { door, doorway: door.doorway(route), route, decode: decoderOf(binding), bodyLimitBytes, hasBody: binding.hasBody }
  app.route({
    // `HttpRoute` allows only methods that Fastify knows.
    method: route.method as HTTPMethods,
    url: route.url,
    // Fastify has found the route and read the path by now. The rest is done here, so that it need not look for what might come
    // between.
    onRequest: (request, reply) => {
      reply.hijack()
      new GatewayCall(line, request, reply).begin()
    },
    handler: () => undefined,
  })
}

/** What is the same for all calls of a route. */
interface Line {
  readonly door: Door
  readonly doorway: Doorway
  readonly route: GatewayRoute
  readonly bodyLimitBytes: number
  readonly hasBody: boolean
  decode(request: FastifyRequest, body: unknown): unknown
}

const json = ["content-type", "application/json; charset=utf-8"]

/** One request, from its headers to its answer. */
class GatewayCall implements BodyReceiver {
  readonly #line: Line
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply
  readonly #exchange: Exchange

  constructor(line: Line, request: FastifyRequest, reply: FastifyReply) {
    this.#line = line
    this.#request = request
    this.#reply = reply
    this.#exchange = line.doorway.open(request, reply)
  }

  begin(): void {
    try {
      const entering = this.#line.doorway.enter(this.#exchange, this.#request)
      if (!entering) return this.#readBody()
      entering.then(
        () => this.#readBody(),
        (error: unknown) => this.refused(error),
      )
    } catch (error) {
      this.refused(error)
    }
  }

  received(body: unknown): void {
    try {
      const { doorway, decode } = this.#line
      const input = decode(this.#request, body)
      const pending = doorway.begin(this.#exchange, () => this.#call(input))
      this.#exchange.outcomeOf(pending).then(
        (output) => this.#exchange.answer(200, json, JSON.stringify(output)),
        (error: unknown) => this.refused(error),
      )
    } catch (error) {
      this.refused(error)
    }
  }

  refused(error: unknown): void {
    this.#line.door.refuse(error, this.#request, this.#reply)
  }

  #readBody(): void {
    const { hasBody, bodyLimitBytes } = this.#line
    if (hasBody) readJsonBody(this.#request.raw, bodyLimitBytes, this)
    else this.received(undefined)
  }

  #call(input: unknown): PendingReply {
    const { declaration, name } = this.#line.route
    const { span, identity } = this.#exchange
    const header = declaration.kind === "command" ? this.#request.raw.headers["idempotency-key"] : undefined
    return span.call({ input, identity, idempotencyKey: idempotencyKeyOf(name, identity, header), timeoutMs: undefined })
  }
}
