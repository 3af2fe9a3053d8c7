import type { RecordedAttributes } from "./recorded-value.ts"

/** What few spans have: those of instrumented libraries, and calls that were tried more than once. */
export interface SpanDetails {
  readonly scope: Scope
  readonly events: readonly SpanEvent[]
  readonly links: readonly SpanLink[]
  readonly dropped: DroppedCounts
}

/** How many a span had no room for. */
export interface DroppedCounts {
  readonly attributes: number
  readonly events: number
  readonly links: number
}

/** The library that recorded a span. */
export interface Scope {
  readonly name: string
  readonly version: string
}

export interface SpanEvent {
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly timeMs: number
  readonly attributes: RecordedAttributes
}

export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
  readonly attributes: RecordedAttributes
}

/** Of the spans that have no details: the runtime's own. */
export const ownScope: Scope = { name: "hanok", version: "" }

/** Of a span of the runtime's own, to which something happened on its way. */
export function eventful(events: readonly SpanEvent[]): SpanDetails {
  return { scope: ownScope, events, links: [], dropped: { attributes: 0, events: 0, links: 0 } }
}
