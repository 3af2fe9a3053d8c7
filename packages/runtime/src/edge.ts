import type { Attributes, Identity } from "@hanok/contract"
import type { OwnAttributes } from "./recorder/index.ts"
import type { PendingReply } from "./seam/seam.ts"

/** What the gateway knows of a route before any request comes in. */
export interface EdgeEntryOptions {
  /** The spans' name: method and route template, for example `GET /orders/{orderId}`. */
  readonly name: string
  /** OpenTelemetry HTTP attributes that are the same for all (`http.request.method`, `http.route`, …). */
  readonly attributes?: Attributes
  /** Where it leads; nowhere when not given. */
  readonly target?: { readonly contract: string; readonly operation: string }
}

export interface EdgeCall {
  readonly input: unknown
  readonly identity: Identity | undefined
  /** For commands, when the client gave one. A command without gets one that nobody else knows, so that it can be repeated inside. */
  readonly idempotencyKey: string | undefined
  /** Now, on the recorder's clock, from whoever has just read it. */
  readonly atMs?: number
}

/** One request from outside: a span of kind server from `open` to `end`. */
export interface EdgeRequest {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** For `traceresponse`-like headers and logs. */
  readonly traceparent: string
  /**
   * Makes the call to the entry's target. Its reply is for `jsonOf`, or for `valueOf` where somebody reads it; it rejects with a `Refusal`
   * or a `Fault` only. Cancel it when the client goes away.
   */
  call(call: EdgeCall): PendingReply
  setAttribute(name: string, value: string | number | boolean): void
  /** Ends the span; `http.response.status_code` is set from `status`. */
  end(status: number, error?: unknown): void
}

/** One way in, through which many requests come. */
export interface EdgeEntry {
  /** `traceparent`: the W3C header, when the client sent one. `attributes`: of its span, shared with those of other requests. */
  open(traceparent: string | undefined, attributes?: OwnAttributes): EdgeRequest
}

/** The ways in from outside; the gateway stands before them. */
export interface Edge {
  /** To be made once for each route. */
  entry(options: EdgeEntryOptions): EdgeEntry
}
