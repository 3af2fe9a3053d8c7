import { isFault, isRefusal, Refusal } from "@hanok/contract"
import type { Attributes, Fault, HandlerContext, Identity, Logger, Span, SpanKind, TraceContext } from "@hanok/contract"
import type { Logger as Pino } from "pino"
import { stackOf, typeOf } from "../error-text.ts"
import { loggerFor } from "../log.ts"
import { now, wallClock } from "../recorder/clock.ts"
import { newSpanIds, SpanTemplate, withOwn } from "../recorder/index.ts"
import type { OwnAttributes, Recorder, SpanIds } from "../recorder/index.ts"
import { recordedAttributes, recordedValue } from "../recorder/recorded-value.ts"
import type { RecordedAttributes } from "../recorder/recorded-value.ts"
import { eventful } from "../recorder/span-details.ts"
import type { SpanEvent } from "../recorder/span-details.ts"
import { flatText } from "./flat-text.ts"
import { Numbering } from "./numbering.ts"
import type { RequestTraits } from "./request-traits.ts"
import type { Scope } from "./scope.ts"
import { carryOutStep, openStepOf } from "./step.ts"
import { asTold, isDefect, isTold } from "./told-faults.ts"
import { randomUuid } from "./uuid.ts"

/** What all calls of one operation have in common: where its spans and log lines go, and under which names. */
export interface Origin {
  readonly recorder: Recorder
  readonly log: Pino
  /** The module whose code runs with the context. */
  readonly module: string
  readonly contract: string
  readonly operation: string
  readonly template: SpanTemplate
}

/** What few contexts have. */
interface Rare {
  /** In place of the origin's. */
  template: SpanTemplate | undefined
  own: OwnAttributes | undefined
  error: unknown
  events: SpanEvent[] | undefined
  log: Logger | undefined
  numbering: Numbering | undefined
}

/**
 * One call's context and span. Made for each call, inline ones too, so it allocates nothing that is not asked for.
 * Its fields are declared only, and private for the compiler's eyes: the engine makes and reads such in less code, and code
 * that is short enough becomes a part of what calls it.
 */
export class CallContext implements HandlerContext {
  declare readonly origin: Origin
  declare readonly request: RequestTraits
  declare readonly idempotencyKey: string | undefined
  declare readonly kind: SpanKind
  declare readonly startMs: number
  declare private readonly above: SpanIds
  declare private ownIds: SpanIds | undefined
  declare private readonly limit: Scope
  declare private readonly timeoutMs: number
  declare private ownScope: Scope | undefined
  declare private rare: Rare | undefined
  declare private ended: boolean

  /**
   * A context of work that may take `timeoutMs` from `startMs` on, and no longer than `limit`. Its span has `ids`, or new ones
   * below `above`.
   */
  constructor(
    origin: Origin,
    above: SpanIds,
    ids: SpanIds | undefined,
    kind: SpanKind,
    limit: Scope,
    timeoutMs: number,
    request: RequestTraits,
    idempotencyKey: string | undefined,
    startMs = now(),
  ) {
    this.origin = origin
    this.request = request
    this.idempotencyKey = idempotencyKey
    this.kind = kind
    this.startMs = startMs
    this.above = above
    this.ownIds = ids
    this.limit = limit
    this.timeoutMs = timeoutMs
    this.ownScope = undefined
    this.rare = undefined
    this.ended = false
  }

  /** Of its span; made when they are asked for. */
  get ids(): SpanIds {
    return (this.ownIds ??= newSpanIds(this.above))
  }

  /** Made when it is asked for, which must be in the turn in which the context was made: what is over at once needs none. */
  get scope(): Scope {
    return (this.ownScope ??= this.limit.within(this.timeoutMs, this.startMs))
  }

  /** Why nothing more is to be begun; `undefined` while the scope goes on. */
  get stopped(): Fault | undefined {
    // Who has kept the processor busy beyond the deadline, or gives no time, comes before the timer that ends the scope.
    if (this.startMs >= this.limit.deadlineAt || this.timeoutMs <= 0) this.scope.expire()
    return (this.ownScope ?? this.limit).ended
  }

  // The scope keeps it on a clock of its own; handlers compare it with `Date.now()`, which may have been set meanwhile.
  get deadlineAt(): number {
    return wallClock.noLater(this.scope.deadlineAt)
  }

  get signal(): AbortSignal {
    return this.scope.signal
  }

  get identity(): Identity | undefined {
    return this.request.identity
  }

  get trace(): TraceContext {
    return this.ids
  }

  get log(): Logger {
    const { log, module, contract, operation } = this.origin
    return (this.more.log ??= loggerFor(log, { module, operation: `${contract}.${operation}` }, () => this.ids))
  }

  newId(): string {
    return this.idempotencyKey === undefined || !this.request.mayComeAgain ? randomUuid() : this.numbers.newId(openStepOf(this))
  }

  step<Result>(work: (number: number | undefined) => Promise<Result>): Promise<Result> {
    return carryOutStep(this, this.idempotencyKey === undefined ? undefined : this.numbers, work)
  }

  /**
   * The key of the next command called from here, so that a repetition of this work repeats its commands under the same keys.
   * `undefined` when this work has no key itself.
   */
  nextChildKey(operation: string): string | undefined {
    return this.idempotencyKey === undefined ? undefined : this.numbers.nextChildKey(operation, openStepOf(this))
  }

  // A module may give one key to commands of several others: what each of them makes under it is its own.
  private get numbers(): Numbering {
    const { contract, operation } = this.origin
    return (this.more.numbering ??= new Numbering(flatText(this.idempotencyKey ?? "", " in ", contract, ".", operation)))
  }

  private get more(): Rare {
    return (this.rare ??= {
      template: undefined,
      own: undefined,
      error: undefined,
      events: undefined,
      log: undefined,
      numbering: undefined,
    })
  }

  refusal(code: string, details: unknown): Refusal {
    return new Refusal(this.origin.contract, this.origin.operation, code, details)
  }

  startSpan(name: string, kind: SpanKind, attributes?: Attributes): Span {
    const origin = { ...this.origin, template: SpanTemplate.single(name, attributes && recordedAttributes(attributes)) }
    const { ids, scope, request, idempotencyKey } = this
    return new CallContext(origin, ids, undefined, kind, scope, Number.POSITIVE_INFINITY, request, idempotencyKey)
  }

  setAttribute(name: string, value: string | number | boolean): void {
    if (this.ended) return
    const more = this.more
    const template = more.template ?? this.origin.template
    // Whatever it is, and however it was made to look like what may be recorded.
    const recorded = recordedValue(value)
    if (template.attributes && name in template.attributes)
      more.template = SpanTemplate.single(template.name, { ...template.attributes, [name]: recorded })
    else more.own = withOwn(more.own, name, recorded)
  }

  /** The first of the span's attributes, which other spans may share: they take the place of any that were set. */
  shareAttributes(attributes: OwnAttributes): void {
    this.more.own = attributes
  }

  /** Tells with the span of something that happened at this moment of it. */
  addEvent(name: string, attributes: RecordedAttributes): void {
    if (this.ended) return
    const event = { name, timeMs: now(), attributes }
    if (this.more.events) this.more.events.push(event)
    else this.more.events = [event]
  }

  /** Remembers, in the log and the span, what the caller does not get to see. */
  failed(out: Fault, original: unknown): void {
    this.more.error = original
    if (!isDefect(out)) return
    if (isFault(original) && isTold(original)) this.log.warn(out.message, { error: original.message })
    else this.log.error(out.message, { error: stackOf(original) })
    asTold(out)
  }

  /** Nobody waits for the work any more. After its end it does nothing. */
  cancel(): void {
    if (!this.ended) this.scope.cancel()
  }

  /** Ends the span, once. A refusal is an answer, not a failure. `template`: in place of the origin's, when it tells more. */
  end(error?: unknown, template?: SpanTemplate): void {
    if (this.ended) return
    this.ended = true
    const { origin, ownIds, ownScope, rare } = this
    // Compared one by one, since asking an object whether it is true takes the engine several times as long.
    const isPlain = ownIds === undefined && ownScope === undefined && rare === undefined && template === undefined && error === undefined
    if (!isPlain) return this.endAs(template ?? origin.template, error)
    origin.recorder.recordBelow(this.above, origin.template, this.kind, this.startMs, now(), undefined, undefined)
  }

  private endAs(template: SpanTemplate, error: unknown): void {
    const { ownIds, ownScope, rare, kind, startMs } = this
    if (ownScope && ownScope !== this.limit) ownScope.leave()
    const { recorder } = this.origin
    const own = outcomeAmong(rare?.own, error)
    const shown = isRefusal(error) ? undefined : (rare?.error ?? error)
    const described = rare?.template ?? template
    if (rare?.events) recorder.record(this.ids, described, kind, startMs, now(), own, shown, eventful(rare.events))
    else if (ownIds) recorder.record(ownIds, described, kind, startMs, now(), own, shown)
    else recorder.recordBelow(this.above, described, kind, startMs, now(), own, shown)
  }
}

// https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/
function outcomeAmong(own: OwnAttributes | undefined, error: unknown): OwnAttributes | undefined {
  if (error === undefined) return own
  if (isRefusal(error)) return withOwn(own, "hanok.refusal", error.code)
  if (isFault(error)) return withOwn(own, "error.type", error.code)
  // Whoever ends a span with an error of its own may know better.
  return own?.list.some((entry, at) => at % 2 === 0 && entry === "error.type") ? own : withOwn(own, "error.type", typeOf(error))
}
