import type { Json } from "@hanok/contract"

type Attributes = Readonly<Record<string, Json>>

/** `SpanKind` of opentelemetry/proto/trace/v1/trace.proto, by number. */
export const spanKinds = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const

/** One span as it was received: OpenTelemetry's, with its scope and its resource's attributes. */
export interface SpanRecord {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string
  /** Empty for a root. */
  readonly parentSpanId: string
  /** The resource's `service.name`; empty when it has none. */
  readonly service: string
  readonly name: string
  readonly kind: (typeof spanKinds)[number]
  /** Nanoseconds since the epoch, by the sender's clock. */
  readonly startNs: bigint
  readonly endNs: bigint
  readonly failed: boolean
  /** What the status says; empty when it says nothing. */
  readonly message: string
  readonly attributes: Attributes
  readonly events: readonly SpanEvent[]
  readonly links: readonly SpanLink[]
  /** What recorded the span: a library's name and version; empty when it has none. */
  readonly scope: { readonly name: string; readonly version: string }
  readonly resource: Attributes
}

/** Something that happened at one moment of a span: an exception, most often. */
export interface SpanEvent {
  readonly name: string
  readonly timeNs: bigint
  readonly attributes: Attributes
}

/** Another span that has to do with this one and is not its parent. */
export interface SpanLink {
  readonly traceId: string
  readonly spanId: string
  readonly attributes: Attributes
}
