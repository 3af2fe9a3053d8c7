import { httpBindingOf } from "@hanok/contract"
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify"
import { GatedCall, noticeableMs } from "../resilience/gated-call.ts"
import { jsonOf } from "../seam/json-text.ts"
import type { PendingReply } from "../seam/seam.ts"
import { decoderOf } from "./decode.ts"
import type { Door, Doorway } from "./door.ts"
import type { Exchange } from "./exchange.ts"
import { idempotencyKeyOf } from "./idempotency-key.ts"
import { readJsonBody } from "./request-body.ts"
import type { AwaitedBody, BodyReceiver } from "./request-body.ts"
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
      new GatewayCall(line, request, reply).open()
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
class GatewayCall extends GatedCall implements BodyReceiver {
  readonly #line: Line
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply
  readonly #exchange: Exchange
  #input: unknown = undefined
  #idempotencyKey: string | undefined = undefined

  constructor(line: Line, request: FastifyRequest, reply: FastifyReply) {
    const { gate, operation, compartment } = line.doorway.turnstile
    super(gate, operation, compartment)
    this.#line = line
    this.#request = request
    this.#reply = reply
    this.#exchange = line.doorway.open(request, reply)
  }

  open(): void {
    try {
      const entering = this.#line.doorway.enter(this.#exchange, this.#request)
      if (!entering) return this.#readBody()
      entering.then(
        () => this.#readBody(),
        (error: unknown) => this.failed(error),
      )
    } catch (error) {
      this.failed(error)
    }
  }

  awaits(body: AwaitedBody): void {
    this.#exchange.awaits(body)
  }

  received(body: unknown): void {
    this.#exchange.awaitsNoMore()
    const { doorway, decode } = this.#line
    try {
      this.#input = decode(this.#request, body)
      this.#idempotencyKey = this.#keyOf()
    } catch (error) {
      return this.failed(error)
    }
    if (this.#exchange.ended) return
    this.#exchange.waitFor(this)
    this.enter(doorway.turnstile.timeoutMs)
  }

  refused(error: unknown): void {
    this.failed(error)
  }

  protected send(waitedMs: number): PendingReply {
    const { span, identity } = this.#exchange
    const queuedMs = noticeableMs(waitedMs)
    if (queuedMs !== undefined) span.setAttribute("hanok.queued_ms", queuedMs)
    return span.call({ input: this.#input, identity, idempotencyKey: this.#idempotencyKey, atMs: this.gateAtMs })
  }

  protected succeeded(output: unknown): void {
    if (output === undefined) this.#exchange.answer(204, [], undefined)
    else this.#exchange.answer(200, json, jsonOf(output))
  }

  protected failed(error: unknown, isOfCall = false): void {
    this.#line.door.refuse(error, this.#request, this.#reply, isOfCall)
  }

  #readBody(): void {
    const { hasBody, bodyLimitBytes } = this.#line
    if (hasBody) readJsonBody(this.#request.raw, bodyLimitBytes, this)
    else this.received(undefined)
  }

  #keyOf(): string | undefined {
    const { declaration, name } = this.#line.route
    return declaration.kind === "command"
      ? idempotencyKeyOf(name, this.#exchange.identity, this.#request.raw.headers["idempotency-key"])
      : undefined
  }
}
