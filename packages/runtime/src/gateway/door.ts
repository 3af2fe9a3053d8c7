import { isFault } from "@hanok/contract"
import type { Identity, Logger } from "@hanok/contract"
import type { FastifyReply, FastifyRequest } from "fastify"
import type { Authenticator } from "../auth/authenticator.ts"
import type { Edge } from "../edge.ts"
import { noticeableMs } from "../resilience/gated-reply.ts"
import type { PendingReply } from "../seam/seam.ts"
import { checkAccess } from "./access.ts"
import type { Admission } from "./admission.ts"
import { Exchange } from "./exchange.ts"
import { answerable } from "./framework-error.ts"
import { problemReply } from "./problem-reply.ts"
import type { GatewayRoute } from "./routes.ts"

export interface DoorOptions {
  readonly edge: Edge
  readonly auth: Authenticator
  readonly admission: Admission
  readonly bodyLimitBytes: number
  readonly log: Logger
}

/** Where a request comes from outside to inside, before anything of its body is read. */
export interface Door {
  /**
   * Opens the request's span, applies the limits, finds out who asks and whether they may; throws or rejects with what
   * refuses it. A promise only when a token has to be verified. `route` is undefined for paths that lead to no operation.
   */
  enter(route: GatewayRoute | undefined, request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined
  /** Makes the call of a request that has entered, as soon as there is room for it. */
  begin(exchange: Exchange, route: GatewayRoute, call: () => PendingReply): PendingReply
  /** That of a request which has entered. */
  exchangeOf(request: FastifyRequest): Exchange
  /** Answers with a problem document, whatever the error. */
  refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): void
}

export function createDoor(options: DoorOptions): Door {
  const { edge, auth, admission, bodyLimitBytes, log } = options
  return {
    enter(route, request, reply) {
      const exchange = open(edge, route, request, reply)
      admission.enter(request.raw, request.ip, route)
      exchange.onClosed = admission.leave
      if (!route) return undefined
      const identity = auth.identify(request.headers.authorization)
      if (identity instanceof Promise) return identity.then((known) => letIn(exchange, route, known))
      letIn(exchange, route, identity)
      return undefined
    },
    begin(exchange, route, call) {
      return admission.begin(route, (waitedMs) => {
        const queuedMs = noticeableMs(waitedMs)
        if (queuedMs !== undefined) exchange.span.setAttribute("hanok.queued_ms", queuedMs)
        return call()
      })
    },
    exchangeOf(request) {
      if (!request.exchange) throw new Error("The request has not come through the door.")
      return request.exchange
    },
    refuse(thrown, request, reply) {
      const exchange = request.exchange ?? open(edge, undefined, request, reply)
      const error = answerable(thrown, bodyLimitBytes)
      if (isFault(error, "OVERLOADED")) exchange.span.setAttribute("hanok.shed", true)
      const { status, headers, body } = problemReply(error, exchange.route?.declaration, exchange.span.traceId)
      if (isFault(error, "INTERNAL") && error.cause)
        log.error("the gateway failed to answer", { trace_id: exchange.span.traceId, error: error.cause })
      exchange.answer(status, headers, body, error)
    },
  }
}

function open(edge: Edge, route: GatewayRoute | undefined, request: FastifyRequest, reply: FastifyReply): Exchange {
  const { method = "", url = "/", headers } = request.raw
  const span = edge.open({
    // A path that nobody declared is no name for a span: there would be no end of names.
    name: route ? `${route.method} ${route.path}` : method,
    traceparent: headers["traceparent"] as string | undefined, // Node joins repetitions of it into one string.
    attributes: {
      "http.request.method": method,
      "url.scheme": "http",
      "url.path": pathOf(url),
      "client.address": request.ip,
      ...(route && { "http.route": route.path }),
    },
  })
  request.exchange = new Exchange(span, route, reply)
  return request.exchange
}

function letIn(exchange: Exchange, route: GatewayRoute, identity: Identity | undefined): void {
  checkAccess(route.name, route.declaration.access, identity)
  exchange.identity = identity
}

function pathOf(url: string): string {
  const end = url.indexOf("?")
  return end < 0 ? url : url.slice(0, end)
}
