import type { Json } from "@hanok/contract"

/** One span as it was received: OpenTelemetry's, with its resource's attributes. */
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
  readonly kind: "unspecified" | "internal" | "server" | "client" | "producer" | "consumer"
  /** Nanoseconds since the epoch. */
  readonly startNs: bigint
  readonly endNs: bigint
  readonly failed: boolean
  /** What the status says; empty when it says nothing. */
  readonly message: string
  readonly attributes: Readonly<Record<string, Json>>
  readonly resource: Readonly<Record<string, Json>>
}

/** `SpanKind` of opentelemetry/proto/trace/v1/trace.proto, by number. */
export const spanKinds = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const

/** `Status.StatusCode.STATUS_CODE_ERROR`. */
export const statusError = 2
