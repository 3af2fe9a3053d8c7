import type { Identity } from "@hanok/contract"
import type { PendingReply } from "./seam/seam.ts"

/** What the gateway knows when a request comes in. */
export interface EdgeRequestStart {
  /** The span's name: method and route template, for example `GET /orders/{orderId}`. */
  readonly name: string
  /** The W3C `traceparent` header, when the client sent one. */
  readonly traceparent: string | undefined
  /** OpenTelemetry HTTP attributes known at the start (`http.request.method`, `http.route`, `url.path`, …). */
  readonly attributes: Readonly<Record<string, string | number | boolean>>
}

export interface EdgeCall {
  readonly contract: string
  readonly operation: string
  readonly input: unknown
  readonly identity: Identity | undefined
  /** For commands, when the client gave one. A command without gets one that nobody else knows, so that it can be repeated inside. */
  readonly idempotencyKey: string | undefined
  /** Shortens the operation's own timeout. */
  readonly timeoutMs: number | undefined
}

/** One request from outside: a span of kind server from `open` to `end`. */
export interface EdgeRequest {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** For `traceresponse`-like headers and logs. */
  readonly traceparent: string
  /** Rejects with a `Refusal` or a `Fault` only. Cancel it when the client goes away. */
  call(call: EdgeCall): PendingReply
  setAttribute(name: string, value: string | number | boolean): void
  /** Ends the span; `http.response.status_code` is set from `status`. */
  end(status: number, error?: unknown): void
}

/** The way in from outside; the gateway stands before it. */
export interface Edge {
  open(start: EdgeRequestStart): EdgeRequest
}
