import { Fault } from "@hanok/contract"
import type { Identity } from "@hanok/contract"
import type { FastifyReply } from "fastify"
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

interface Work {
  cancel(): void
}

/** One request and its one answer. When the client goes away before the answer, the call is cancelled. */
export class Exchange {
  readonly span: EdgeRequest
  /** Undefined for paths that lead to no operation. */
  readonly route: GatewayRoute | undefined
  /** Of the client. */
  readonly address: string
  identity: Identity | undefined
  /** What is to be done when the connection is done with this request; set by whoever let it in. */
  onClosed: (() => void) | undefined
  readonly #reply: FastifyReply
  #work: Work | undefined
  #ended = false

  constructor(span: EdgeRequest, route: GatewayRoute | undefined, address: string, reply: FastifyReply) {
    this.span = span
    this.route = route
    this.address = address
    this.#reply = reply
    reply.raw.on("close", () => this.#close())
  }

  /** Whether it has its answer, or nobody waits for one. */
  get ended(): boolean {
    return this.#ended
  }

  /** What is cancelled when nobody waits for the answer any more. */
  waitFor(work: Work): void {
    this.#work = work
  }

  /** Answers, and ends the span. Later answers go nowhere. */
  answer(status: number, headers: HeaderList, body: string, error?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    const { traceparent, traceId } = this.span
    this.span.end(status, error)
    // Nothing of Fastify's is to come between, so that it need not look for what might.
    if (!this.#reply.sent) this.#reply.hijack()
    const { raw } = this.#reply
    raw.writeHead(status, [
      ...headers,
      "content-length",
      String(Buffer.byteLength(body)),
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
  }

  // 499, as web servers log it: the client closed the request.
  #close(): void {
    this.onClosed?.()
    if (this.#ended) return
    this.#ended = true
    this.span.end(499, new Fault("CANCELLED", "The client went away before the answer."))
    this.#work?.cancel()
  }
}
