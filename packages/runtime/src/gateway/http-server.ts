import type { ServerResponse } from "node:http"
import type { Socket } from "node:net"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { readBeforeClosing } from "../read-before-closing.ts"
import { longestUrl } from "./admission.ts"
import type { ClientError } from "./client-error.ts"

export interface HttpServerOptions {
  /** Addresses or networks whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  /** Answers whatever was thrown while a request was handled. */
  onError(error: unknown, request: FastifyRequest, reply: FastifyReply): void
  /** Answers what is not HTTP. */
  onClientError(error: ClientError, socket: Socket): void
  /** Answers an `Expect` header that nobody can meet. */
  onExpectation(response: ServerResponse): void
}

/** From the first byte of a request to its last. */
const requestTimeoutMs = 30_000
const headersTimeoutMs = 15_000
/** Longer than the idle time of the usual load balancers (60 s), so that it is they who close. */
const keepAliveTimeoutMs = 65_000

function noCompiler(): never {
  throw new Error("A route of the gateway has a schema of Fastify's; declare it in a contract.")
}

/** Fastify, set up so that it reads no body, and every error comes to us. It is loaded where there is a gateway only. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { fastify } = await import("fastify")
  const app = fastify({
    logger: false,
    // A request is named by its trace.
    genReqId: () => "",
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    // Requests that arrive while draining on connections still open are answered, and told to close.
    return503OnClosing: false,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // Of a request without a body nobody waits for the end of it.
    // Of a header that stands there twice no first one is chosen: a proxy in front may have looked at the other.
    http: { headersTimeout: headersTimeoutMs, requireHostHeader: false, joinDuplicateHeaders: true, optimizeEmptyRequests: true },
    routerOptions: { maxParamLength: longestUrl },
    // Routes have contracts, and no schemas of Fastify's: the compilers for those need not be loaded, which takes a third of a start.
    schemaController: { compilersFactory: { buildValidator: noCompiler, buildSerializer: noCompiler } },
    frameworkErrors: options.onError,
    // Fastify's type says ConnectionError, which lacks the parser's own fields.
    clientErrorHandler: (error, socket) => options.onClientError(error as ClientError, socket),
  })
  app.decorateRequest("exchange", undefined)
  app.setErrorHandler(options.onError)
  app.server.on("checkExpectation", (_, response) => options.onExpectation(response))
  readBeforeClosing(app.server)
  app.removeAllContentTypeParsers()
  return app
}
