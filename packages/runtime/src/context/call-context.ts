import { hash, randomUUID } from "node:crypto"
import { Refusal } from "@hanok/contract"
import type { Attributes, Fault, HandlerContext, Identity, Logger, Span, SpanKind, TraceContext } from "@hanok/contract"
import type { Logger as Pino } from "pino"
import { loggerFor } from "../log.ts"
import { ClockAnchor, now } from "../recorder/clock.ts"
import { newSpanIds } from "../recorder/index.ts"
import type { Recorder, SpanIds } from "../recorder/index.ts"
import type { Scope } from "./scope.ts"

/** What all calls of one operation have in common: where its spans and log lines go, and under which names. */
export interface Origin {
  readonly recorder: Recorder
  readonly log: Pino
  /** The module whose code runs with the context. */
  readonly module: string
  readonly contract: string
  readonly operation: string
  readonly spanName: string
  readonly attributes: Attributes | undefined
}

/** What a call brings from its caller. */
export interface Travelling {
  readonly scope: Scope
  /** The scope was made for this call and ends with it. */
  readonly ownsScope: boolean
  readonly identity: Identity | undefined
  readonly idempotencyKey: string | undefined
}

/** One call's context and span. Made for each call, inline ones too, so it allocates nothing that is not asked for. */
export class CallContext implements HandlerContext {
  readonly origin: Origin
  readonly scope: Scope
  readonly identity: Identity | undefined
  readonly idempotencyKey: string | undefined
  readonly ids: SpanIds
  readonly kind: SpanKind
  readonly startMs: number
  readonly #ownsScope: boolean
  #attributes: Attributes | undefined
  #error: unknown = undefined
  #log: Logger | undefined = undefined
  #newIds = 0
  #steps = 0
  #endedSteps = 0
  #children: Map<string, number> | undefined = undefined
  #ended = false

  constructor(origin: Origin, ids: SpanIds, kind: SpanKind, travelling: Travelling, startMs = now()) {
    this.origin = origin
    this.ids = ids
    this.kind = kind
    this.scope = travelling.scope
    this.#ownsScope = travelling.ownsScope
    this.identity = travelling.identity
    this.idempotencyKey = travelling.idempotencyKey
    this.startMs = startMs
    this.#attributes = origin.attributes
  }

  // The scope keeps it on a clock of its own; handlers compare it with `Date.now()`.
  get deadlineAt(): number {
    return Math.floor(this.scope.deadlineAt + wall.offsetMs())
  }

  get signal(): AbortSignal {
    return this.scope.signal
  }

  get trace(): TraceContext {
    return this.ids
  }

  get log(): Logger {
    const { log, module, contract, operation } = this.origin
    this.#log ??= loggerFor(log, { module, operation: `${contract}.${operation}` }, () => this.ids)
    return this.#log
  }

  newId(): string {
    const number = this.#newIds++
    return this.idempotencyKey === undefined ? randomUUID() : derivedId(`${this.idempotencyKey}${this.#afterSteps()}#${number}`)
  }

  nextStep(): number {
    return this.#steps++
  }

  // A step that was kept before is not run again, so what was counted in it must not count for what comes after it.
  endStep(): void {
    this.#endedSteps++
    this.#newIds = 0
    this.#children = undefined
  }

  /**
   * The key of the next command called from here, so that a repetition of this work repeats its commands under the same keys:
   * they are numbered per operation in the order of calling, anew after each step. `undefined` when this work has no key itself.
   */
  nextChildKey(operation: string): string | undefined {
    if (this.idempotencyKey === undefined) return undefined
    this.#children ??= new Map()
    const number = this.#children.get(operation) ?? 0
    this.#children.set(operation, number + 1)
    return shortened(`${this.idempotencyKey}${this.#afterSteps()}>${operation}#${number}`)
  }

  #afterSteps(): string {
    return this.#endedSteps === 0 ? "" : `@${this.#endedSteps}`
  }

  refusal(code: string, details: unknown): Refusal {
    return new Refusal(this.origin.contract, this.origin.operation, code, details)
  }

  startSpan(name: string, kind: SpanKind, attributes?: Attributes): Span {
    const origin = { ...this.origin, spanName: name, attributes }
    const { scope, identity, idempotencyKey } = this
    return new CallContext(origin, newSpanIds(this.ids), kind, { scope, ownsScope: false, identity, idempotencyKey })
  }

  setAttribute(name: string, value: string | number | boolean): void {
    this.#attributes = { ...this.#attributes, [name]: value }
  }

  /** Remembers, in the log and the span, what the caller does not get to see. */
  failed(out: Fault, original: unknown): void {
    this.#error = original
    const stack = original instanceof Error ? (original.stack ?? original.message) : String(original)
    if (out.code === "INTERNAL" || out.code === "INVALID_OUTPUT") this.log.error(out.message, { error: stack })
  }

  end(error?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#ownsScope) this.scope.close()
    const { recorder, spanName } = this.origin
    recorder.record(this.ids, spanName, this.kind, this.startMs, now(), this.#attributes, this.#error ?? error)
  }
}

const wall = new ClockAnchor()

const longestKey = 200

// Keys grow with the depth of calls; beyond a length their digest stands for them.
function shortened(key: string): string {
  return key.length <= longestKey ? key : hash("sha256", key, "base64url")
}

/** A UUID of version 8 (RFC 9562) from a text. */
function derivedId(text: string): string {
  const bytes = hash("sha256", text, "buffer").subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString("hex")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
