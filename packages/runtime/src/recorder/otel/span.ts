import { SpanStatusCode, TraceFlags } from "@opentelemetry/api"
import type { Attributes, Exception, Link, Span, SpanContext, SpanStatus, TimeInput } from "@opentelemetry/api"
import type { SpanKind } from "@hanok/contract"
import { messageOf } from "../../error-text.ts"
import { recordedAttributes, recordedText, recordedValue } from "../recorded-value.ts"
import type { RecordedValue } from "../recorded-value.ts"
import type { Recorder } from "../recorder.ts"
import type { DroppedCounts, Scope, SpanEvent, SpanLink } from "../span-details.ts"
import type { SpanIds } from "../span-ids.ts"
import { SpanTemplate } from "../span-template.ts"
import { timeMsOf } from "./time.ts"

export interface SpanStart {
  readonly recorder: Recorder
  readonly scope: Scope
  readonly ids: SpanIds
  readonly name: string
  readonly kind: SpanKind
  readonly startMs: number
}

/** As many attributes, events and links as OpenTelemetry's own SDK keeps of one span when nothing else is said. */
const most = 128

/** `SpanKind` of @opentelemetry/api, by number. */
export const kinds: readonly SpanKind[] = ["internal", "server", "client", "producer", "consumer"]

const linkIds = /^[0-9a-f]{32}-[0-9a-f]{16}$/i

/** A library's span, which becomes one of the recorder's when it ends. What is done to it after that does nothing. */
export class LibrarySpan implements Span {
  readonly #start: SpanStart
  readonly #attributes: Record<string, RecordedValue> = {}
  readonly #events: SpanEvent[] = []
  readonly #links: SpanLink[] = []
  readonly #dropped = { attributes: 0, events: 0, links: 0 }
  #attributeCount = 0
  #name: string
  #error: string | undefined
  #ended = false

  constructor(start: SpanStart) {
    this.#start = start
    this.#name = start.name
  }

  get ids(): SpanIds {
    return this.#start.ids
  }

  /** OpenTelemetry's `SpanKind`, as spans of its SDK tell it. */
  get kind(): number {
    return kinds.indexOf(this.#start.kind)
  }

  spanContext(): SpanContext {
    const { traceId, spanId } = this.#start.ids
    return { traceId, spanId, traceFlags: TraceFlags.SAMPLED }
  }

  setAttribute(key: string, value: unknown): this {
    if (this.#ended || value === undefined || key === "__proto__") return this
    const isNew = !Object.hasOwn(this.#attributes, key)
    if (isNew && this.#attributeCount === most) return this.#drops("attributes")
    if (isNew) this.#attributeCount++
    this.#attributes[key] = recordedValue(value)
    return this
  }

  setAttributes(attributes: Attributes): this {
    for (const [key, value] of Object.entries(attributes)) this.setAttribute(key, value)
    return this
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.#ended) return this
    if (this.#events.length === most) return this.#drops("events")
    const isTime = isTimeInput(attributesOrTime)
    const attributes = recordedAttributes(isTime ? {} : attributesOrTime)
    this.#events.push({ name: recordedText(name), timeMs: timeMsOf(isTime ? attributesOrTime : time), attributes })
    return this
  }

  addLink({ context: { traceId, spanId }, attributes }: Link): this {
    if (this.#ended || !linkIds.test(`${traceId}-${spanId}`)) return this
    if (this.#links.length === most) return this.#drops("links")
    this.#links.push({ traceId, spanId, attributes: recordedAttributes(attributes) })
    return this
  }

  addLinks(links: readonly Link[]): this {
    for (const link of links) this.addLink(link)
    return this
  }

  setStatus({ code, message = "" }: SpanStatus): this {
    if (!this.#ended) this.#error = code === SpanStatusCode.ERROR ? message : undefined
    return this
  }

  updateName(name: string): this {
    if (!this.#ended) this.#name = name
    return this
  }

  isRecording(): boolean {
    return !this.#ended
  }

  // OpenTelemetry, "Recording an Exception": the event `exception`; the status is the library's to set.
  recordException(exception: Exception, time?: TimeInput): void {
    const given = exceptionFieldsOf(exception)
    const attributes = {
      "exception.type": given.name ?? given.code,
      "exception.message": given.message,
      "exception.stacktrace": given.stack,
    }
    this.addEvent("exception", attributes, time)
  }

  end(endTime?: TimeInput): void {
    if (this.#ended) return
    this.#ended = true
    const { recorder, scope, ids, kind, startMs } = this.#start
    const endMs = Math.max(startMs, timeMsOf(endTime))
    const details = { scope, events: this.#events, links: this.#links, dropped: this.#dropped }
    recorder.record(ids, SpanTemplate.single(this.#name, this.#attributes), kind, startMs, endMs, undefined, this.#error, details)
  }

  #drops(what: keyof DroppedCounts): this {
    this.#dropped[what]++
    return this
  }
}

// Anything can be thrown, and what was caught is handed on as it is.
function exceptionFieldsOf(exception: unknown): ExceptionFields {
  return typeof exception === "object" && exception !== null ? exception : { message: messageOf(exception) }
}

type ExceptionFields = { readonly [Name in "name" | "message" | "stack" | "code"]?: string | number | undefined }

function isTimeInput(value: Attributes | TimeInput | undefined): value is TimeInput {
  return typeof value === "number" || value instanceof Date || Array.isArray(value)
}
