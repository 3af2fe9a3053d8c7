import { Fault } from "@hanok/contract"
import type { Identity } from "@hanok/contract"
import type { FastifyReply } from "fastify"
import type { Scope, Waiter } from "../context/scope.ts"
import type { EdgeRequest } from "../edge.ts"
import type { Admission } from "./admission.ts"
import type { GatewayRoute } from "./routes.ts"
import type { AwaitedBody } from "./request-body.ts"
import type { HeldUp } from "./slow-clients.ts"

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

const slowRetryMs = 1_000
const tooSlow = "The body of the request had not come when there was no room for others; nothing was begun."

interface Work {
  cancel(): void
}

/** One request and its one answer. When the client goes away before the answer, the call is cancelled. */
export class Exchange implements Waiter, HeldUp {
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
  /** Where it has been let in, until its room is left. */
  #room: Pick<Admission, "leave" | "slow"> | undefined
  #body: AwaitedBody | undefined
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

  /** Remembers that it has been let in, to be left once, when the connection is done with it. */
  entered(room: Pick<Admission, "leave" | "slow">): void {
    this.#room = room
    if (this.#ended) this.#leave()
  }

  /** Its body is on its way: until it has come, it may be given up for others. */
  awaits(body: AwaitedBody): void {
    this.#body = body
    this.#room?.slow.add(this)
  }

  /** Nothing of its body is waited for any more. */
  awaitsNoMore(): void {
    if (!this.#body) return
    this.#body = undefined
    this.#room?.slow.delete(this)
  }

  giveUp(): void {
    if (this.#body) return this.#body.refuse(new Fault("OVERLOADED", tooSlow, { retryAfterMs: slowRetryMs }))
    this.#leave()
    this.#reply.raw.destroy()
  }

  /** Answers, without content when there is no `body`, and ends the span. Later answers go nowhere. */
  answer(status: number, headers: HeaderList, body: string | undefined, error?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.awaitsNoMore()
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
    if (raw.writableLength === 0) return this.#leave()
    // A client that does not read its answer takes up room for as long, but not for ever, and not when there is none for others.
    this.#room?.slow.add(this)
    raw.once("close", () => this.#leave())
    raw.setTimeout(unreadMs)
    // Before Node sets that of a connection without a request: the next answer may take longer to be made than this one to be read.
    raw.prependOnceListener("finish", () => raw.socket?.setTimeout(0))
  }

  /** Nobody waits for the answer any more. */
  stop(fault: Fault): void {
    if (this.#ended) return
    this.#ended = true
    this.#leave()
    // 499, as web servers log it: the client closed the request.
    this.span.end(499, fault)
    this.#work?.cancel()
  }

  #leave(): void {
    this.#room?.leave(this)
    this.#room = undefined
  }
}
