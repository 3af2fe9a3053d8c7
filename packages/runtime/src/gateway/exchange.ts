import type { Fault, Identity } from "@hanok/contract"
import type { FastifyReply } from "fastify"
import type { Scope, Waiter } from "../context/scope.ts"
import type { EdgeRequest } from "../edge.ts"
import type { GatewayRoute } from "./routes.ts"

declare module "fastify" {
  interface FastifyRequest {
    /** Undefined until the request has come through the door. */
    exchange: Exchange | undefined
  }
}

/** Names and values in turn. */
export type HeaderList = readonly string[]

/** A client that takes nothing of its answer for so long, in milliseconds, is cut off. */
const unreadMs = 30_000

interface Work {
  cancel(): void
}

/** One request and its one answer. When the client goes away before the answer, the call is cancelled. */
export class Exchange implements Waiter {
  readonly span: EdgeRequest
  /** Undefined for paths that lead to no operation. */
  readonly route: GatewayRoute | undefined
  /** Of the client. */
  readonly address: string
  identity: Identity | undefined
  waitsIn: Scope | undefined = undefined
  previousWaiter: Waiter | undefined = undefined
  nextWaiter: Waiter | undefined = undefined
  readonly #connection: Scope
  readonly #reply: FastifyReply
  #work: Work | undefined
  #leave: (() => void) | undefined
  #ended = false

  /** `connection`: ends when the connection does, by which the request came. */
  constructor(span: EdgeRequest, route: GatewayRoute | undefined, address: string, connection: Scope, reply: FastifyReply) {
    this.span = span
    this.route = route
    this.address = address
    this.#connection = connection
    this.#reply = reply
    connection.add(this)
  }

  /** Whether it has its answer, or nobody waits for one. */
  get ended(): boolean {
    return this.#ended
  }

  /** What is cancelled when nobody waits for the answer any more. */
  waitFor(work: Work): void {
    this.#work = work
  }

  /** Remembers that somebody has let the request in: `leave` is called once, when the connection is done with it. */
  entered(leave: () => void): void {
    if (this.#ended) leave()
    else this.#leave = leave
  }

  /** Answers, without content when there is no `body`, and ends the span. Later answers go nowhere. */
  answer(status: number, headers: HeaderList, body: string | undefined, error?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#connection.delete(this)
    const { traceparent, traceId } = this.span
    this.span.end(status, error)
    // Nothing of Fastify's is to come between, so that it need not look for what might.
    if (!this.#reply.sent) this.#reply.hijack()
    const { raw } = this.#reply
    raw.writeHead(status, [
      ...headers,
      ...(body === undefined ? [] : ["content-length", String(Buffer.byteLength(body))]),
      // `traceresponse` is of W3C Trace Context, level 2; `x-trace-id` is for people.
      "traceresponse",
      traceparent,
      "x-trace-id",
      traceId,
      "x-content-type-options",
      "nosniff",
      "cache-control",
      "no-store",
    ])
    raw.end(body)
    if (raw.writableLength === 0) return this.#leave?.()
    // A client that does not read its answer takes up room for as long, but not for ever.
    if (this.#leave) raw.once("close", this.#leave)
    raw.setTimeout(unreadMs)
    // Before Node sets that of a connection without a request: the next answer may take longer to be made than this one to be read.
    raw.prependOnceListener("finish", () => raw.socket?.setTimeout(0))
  }

  /** Nobody waits for the answer any more. */
  stop(fault: Fault): void {
    if (this.#ended) return
    this.#ended = true
    this.#leave?.()
    // 499, as web servers log it: the client closed the request.
    this.span.end(499, fault)
    this.#work?.cancel()
  }
}
