import { randomUUID } from "node:crypto"
import { trace } from "@opentelemetry/api"
import { Refusal } from "@hanok/contract"
import type { HandlerContext, Identity, Logger, Span, TraceContext } from "@hanok/contract"

/** What all requests to one operation have in common. */
export interface Endpoint {
  readonly contract: string
  readonly operation: string
  readonly timeoutMs: number
  readonly log: Logger
}

const noTrace: TraceContext = { traceId: "0".repeat(32), spanId: "0".repeat(16) }

/** The context that the shop's handlers ask for, as plain services have it: nothing but the request itself. */
export class RequestContext implements HandlerContext {
  readonly identity: Identity | undefined
  readonly deadlineAt: number
  readonly idempotencyKey = undefined
  readonly #endpoint: Endpoint
  #signal: AbortSignal | undefined = undefined

  constructor(endpoint: Endpoint, identity: Identity | undefined) {
    this.#endpoint = endpoint
    this.identity = identity
    this.deadlineAt = Date.now() + endpoint.timeoutMs
  }

  get signal(): AbortSignal {
    this.#signal ??= AbortSignal.timeout(Math.max(0, this.deadlineAt - Date.now()))
    return this.#signal
  }

  get trace(): TraceContext {
    return trace.getActiveSpan()?.spanContext() ?? noTrace
  }

  get log(): Logger {
    return this.#endpoint.log
  }

  newId(): string {
    return randomUUID()
  }

  // Nothing is repeated under a key, so nothing is counted.
  step<Result>(work: (number: undefined) => Promise<Result>): Promise<Result> {
    return work(undefined)
  }

  // The instrumentations make the spans; what the stores would add comes twice.
  startSpan(): Span {
    return { trace: this.trace, setAttribute: () => undefined, end: () => undefined }
  }

  refusal(code: string, details: unknown): Refusal {
    return new Refusal(this.#endpoint.contract, this.#endpoint.operation, code, details)
  }
}
