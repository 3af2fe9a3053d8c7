import type { Refusal } from "./refusal.ts"
import type { RefusalDeclarations } from "./operation.ts"
import type { InputOf } from "./schema.ts"

/** Who asks: the end user whom the gateway authenticated. It travels with every call. */
export interface Identity {
  readonly subject: string
  readonly roles: readonly string[]
}

/** W3C trace context: 32 and 16 lower-case hexadecimal digits. */
export interface TraceContext {
  readonly traceId: string
  readonly spanId: string
}

export type SpanKind = "internal" | "server" | "client" | "producer" | "consumer"
export type Attributes = Readonly<Record<string, string | number | boolean>>

/** A span that has begun. */
export interface Span {
  readonly trace: TraceContext
  setAttribute(name: string, value: string | number | boolean): void
  /**
   * Ends the span. `error` gives it the status of a failure, and a fault's code as `error.type`; a refusal is an answer, whose
   * code is its `hanok.refusal`. A second end does nothing.
   */
  end(error?: unknown): void
}

/**
 * Structured logging; each line carries the trace and span id. An error in a field is written with its stack and its causes; a field
 * whose name the line has already, such as `level`, as `fields.level`.
 */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void
  info(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

/**
 * What travels with a call. Pass it on, as the second argument, to whatever the call causes:
 * deadline, cancellation, identity, trace and idempotency go with it.
 */
export interface Context {
  /** When the caller stops waiting, in whole milliseconds since the epoch: up to five too early, never too late. */
  readonly deadlineAt: number
  /** Aborted at the deadline, or when the caller goes away. */
  readonly signal: AbortSignal
  readonly identity: Identity | undefined
  readonly trace: TraceContext
  readonly log: Logger
  /** Present when the work is to be applied once: a keyed command, a reaction, a job. */
  readonly idempotencyKey: string | undefined
  /** A new identifier (UUID). The same one again when a keyed command is carried out again after a crash. */
  newId(): string
  /**
   * For stores: carries out a transaction. `work` gets its number within keyed work, by which it is applied once; `undefined` where
   * there is no key. Identifiers made within it are its own, and others do not depend on whether it was carried out this time.
   * Rejects within another transaction of the same call, which could not take this one back.
   */
  step<Result>(work: (number: number | undefined) => Promise<Result>): Promise<Result>
  /** Begins a span below the current one. */
  startSpan(name: string, kind: SpanKind, attributes?: Attributes): Span
}

/** The context of a handler: it can also refuse. */
export interface HandlerContext<R extends RefusalDeclarations = RefusalDeclarations> extends Context {
  /**
   * A declared refusal, to be thrown.
   * @example
   * throw context.refusal("GIFT_EXPIRED", { expiredAt: gift.expiresAt })
   */
  refusal<Code extends keyof R & string>(code: Code, details: InputOf<R[Code]["schema"]>): Refusal
}
