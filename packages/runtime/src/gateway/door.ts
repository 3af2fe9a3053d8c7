import type { Socket } from "node:net"
import { isFault } from "@hanok/contract"
import type { Attributes, Identity, Logger } from "@hanok/contract"
import type { FastifyReply, FastifyRequest } from "fastify"
import type { Authenticator } from "../auth/authenticator.ts"
import { Scope } from "../context/scope.ts"
import type { Edge, EdgeEntry } from "../edge.ts"
import { OwnAttributes } from "../recorder/index.ts"
import { checkAccess } from "./access.ts"
import type { Admission, Turnstile } from "./admission.ts"
import { Exchange } from "./exchange.ts"
import { answerable } from "./framework-error.ts"
import { outsideOf, problemReply } from "./problem-reply.ts"
import type { GatewayRoute } from "./routes.ts"

export interface DoorOptions {
  readonly edge: Edge
  readonly auth: Authenticator
  readonly admission: Admission
  readonly log: Logger
  /** Whether a request says for whom it is made, so that one connection has requests of many clients. */
  readonly hasProxies: boolean
}

/** Where a request comes from outside to inside, before anything of its body is read. */
export interface Door {
  /** The way through it for the requests of a route; to be made once for each. */
  doorway(route: GatewayRoute): Doorway
  /** Opens the span of a request that leads to no operation, and applies the limits; throws what refuses it. */
  enter(request: FastifyRequest, reply: FastifyReply): Exchange
  /** Answers with a problem document, whatever the error. `isOfCall`: it comes from behind the gateway. */
  refuse(error: unknown, request: FastifyRequest, reply: FastifyReply, isOfCall?: boolean): void
}

export interface Doorway {
  /** Opens the request's span. */
  open(request: FastifyRequest, reply: FastifyReply): Exchange
  /**
   * Applies the limits, finds out who asks and whether they may; throws or rejects with what refuses the request.
   * A promise only when a token has to be verified.
   */
  enter(exchange: Exchange, request: FastifyRequest): Promise<void> | undefined
  /** Where the calls of requests that have entered wait for room. */
  readonly turnstile: Turnstile
}

export function createDoor(options: DoorOptions): Door {
  const { edge, auth, admission, log, hasProxies } = options
  const nowhere = nowhereEntries(edge)
  const open = (entry: EdgeEntry, route: GatewayRoute | undefined, request: FastifyRequest, reply: FastifyReply) =>
    openExchange(entry, route, clientOf(request, hasProxies), request, reply)
  return {
    doorway(route) {
      const entry = edge.entry({ name: `${route.method} ${route.path}`, attributes: attributesOf(route), target: route })
      return {
        open: (request, reply) => open(entry, route, request, reply),
        enter(exchange, request) {
          admission.enter(request.raw, exchange.address, route)
          exchange.entered(admission)
          const identity = auth.identify(request.raw.headers.authorization, request.raw.socket)
          if (identity instanceof Promise) return identity.then((known) => letIn(exchange, route, known))
          letIn(exchange, route, identity)
          return undefined
        },
        turnstile: admission.turnstile(route),
      }
    },
    enter(request, reply) {
      const exchange = open(nowhere(request), undefined, request, reply)
      admission.enter(request.raw, exchange.address, undefined)
      exchange.entered(admission)
      return exchange
    },
    refuse(thrown, request, reply, isOfCall = false) {
      const exchange = request.exchange ?? open(nowhere(request), undefined, request, reply)
      const error = answerable(thrown)
      if (isFault(error, "OVERLOADED")) exchange.span.setAttribute("hanok.shed", true)
      const shown = isOfCall && isFault(error) ? outsideOf(error) : error
      const { status, headers, body } = problemReply(shown, exchange.route?.declaration, exchange.span.traceId)
      if (isFault(error, "INTERNAL") && error.cause)
        log.error("the gateway failed to answer", { trace_id: exchange.span.traceId, error: error.cause })
      exchange.answer(status, Object.entries(headers).flat(), body, error)
    },
  }
}

// A path that nobody declared is no name for a span: there would be no end of names. Of methods Node's parser knows a few dozen.
function nowhereEntries(edge: Edge): (request: FastifyRequest) => EdgeEntry {
  const entries = new Map<string, EdgeEntry>()
  return ({ raw: { method = "" } }) => {
    let entry = entries.get(method)
    if (!entry) entries.set(method, (entry = edge.entry({ name: method, attributes: methodAttributes(method) })))
    return entry
  }
}

function attributesOf({ method, path }: GatewayRoute): Attributes {
  return { ...methodAttributes(method), "http.route": path, ...(isTemplate(path) ? {} : { "url.path": path }) }
}

// The path of a route without fields is what a request has that leads there.
function isTemplate(path: string): boolean {
  return path.includes("{")
}

function methodAttributes(method: string): Attributes {
  return { "http.request.method": method, "url.scheme": "http" }
}

function openExchange(
  entry: EdgeEntry,
  route: GatewayRoute | undefined,
  { address, attributes, connection }: Client,
  request: FastifyRequest,
  reply: FastifyReply,
): Exchange {
  const { url = "/", headers } = request.raw
  // Node joins repetitions of the header into one string.
  const span = entry.open(headers["traceparent"] as string | undefined, attributes)
  if (!route || isTemplate(route.path)) span.setAttribute("url.path", pathOf(url))
  request.exchange = new Exchange(span, route, address, connection, reply)
  return request.exchange
}

/** Who is at the other end of a connection. */
interface Client {
  readonly address: string
  /** Of its requests' spans, which hold on to them until they are exported. */
  readonly attributes: OwnAttributes
  /** Its requests' answers are waited for as long as it lasts. */
  readonly connection: Scope
}

const client = Symbol("who is at the other end")

/** The same for all requests of a connection, unless a proxy passes on those of many. */
function clientOf(request: FastifyRequest, hasProxies: boolean): Client {
  const socket: Socket & { [client]?: Client } = request.raw.socket
  const known = socket[client]
  if (known && !hasProxies) return known
  // Of a connection that its client has reset there is no address any more, whatever the type says.
  const told = (request.ip as string | undefined) ?? ""
  const address = hasProxies ? withoutPort(told) : told
  if (known?.address === address) return known
  const own = hasProxies ? OwnAttributes.single : OwnAttributes.shared
  const attributes = own(["client.address", address])
  return (socket[client] = { address, attributes, connection: known?.connection ?? scopeOf(socket) })
}

// Some proxies name the port too, in their `X-Forwarded-For`: `203.0.113.7:51234`, `[2001:db8::1]:51234`.
function withoutPort(address: string): string {
  return /^\[([^\]]*)\]/.exec(address)?.[1] ?? /^([^:]*):[^:]*$/.exec(address)?.[1] ?? address
}

// One listener for all of its requests.
function scopeOf(socket: Socket): Scope {
  const scope = Scope.lasting(Number.POSITIVE_INFINITY)
  socket.once("close", () => scope.cancel("the client went away before the answer"))
  return scope
}

function letIn(exchange: Exchange, route: GatewayRoute, identity: Identity | undefined): void {
  checkAccess(route.name, route.declaration.access, identity)
  exchange.identity = identity
}

function pathOf(url: string): string {
  const end = url.indexOf("?")
  return end < 0 ? url : url.slice(0, end)
}
