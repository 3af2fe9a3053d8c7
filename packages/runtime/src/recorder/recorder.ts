import type { SpanKind } from "@hanok/contract"
import { ClockAnchor, now } from "./clock.ts"
import { encodeSpansJson } from "./encode-json.ts"
import { encodeSpans } from "./encode-spans.ts"
import { Exporter } from "./exporter.ts"
import { createPoster } from "./post.ts"
import { ProtobufWriter } from "./protobuf-writer.ts"
import type { RecordedAttributes } from "./recorded-value.ts"
import { SpanRing } from "./ring.ts"
import type { SpanDetails } from "./span-details.ts"
import type { SpanIds } from "./span-ids.ts"

/** How OTLP is carried. */
export type Protocol = "http/protobuf" | "http/json"

export interface RecorderOptions {
  /** OpenTelemetry resource attributes: `service.name`, `service.instance.id`, … */
  readonly resource: RecordedAttributes
  /** The OTLP/HTTP base URL, to which `/v1/traces` is added. Without it and `tracesEndpoint` spans are dropped, and not counted. */
  readonly endpoint?: string
  /** The whole URL, in place of `endpoint`. */
  readonly tracesEndpoint?: string
  readonly headers?: Readonly<Record<string, string>>
  /** `http/protobuf` when not given. */
  readonly protocol?: Protocol
  /** Spans kept while they wait for export, rounded up to a power of two; 65 536 when not given. */
  readonly capacity?: number
  /** Between two exports, in milliseconds; 500 when not given. */
  readonly everyMs?: number
  readonly onTrouble?: (message: string | undefined) => void
}

/** Records spans, all of them, and exports them by OTLP. */
export interface Recorder {
  /** Milliseconds since the epoch with fractions, monotonic within a process. */
  now(): number
  /** Records a span that has ended. Never throws and never waits; a span that finds no room is counted in `dropped`. */
  record(
    ids: SpanIds,
    name: string,
    kind: SpanKind,
    startMs: number,
    endMs: number,
    attributes: RecordedAttributes | undefined,
    error: unknown,
    details?: SpanDetails,
  ): void
  /** Spans that were not exported: no room, no answer from the receiver after the last attempt, or no time when closing. */
  readonly dropped: number
  flush(): Promise<void>
  /** Flushes for at most `timeoutMs` (2000 when not given) and stops. */
  close(timeoutMs?: number): Promise<void>
}

/** Spans of one export request: about half a megabyte. */
const batchSize = 4096

export function createRecorder(options: RecorderOptions): Recorder {
  const ring = new SpanRing(options.capacity ?? 65_536)
  const url = options.tracesEndpoint ?? (options.endpoint && `${options.endpoint.replace(/\/$/, "")}/v1/traces`)
  const exporter = url ? exporterTo(url, ring, options) : undefined
  return {
    now,
    record(ids, name, kind, startMs, endMs, attributes, error, details) {
      if (!exporter) return
      ring.push(ids, name, kind, startMs, endMs, attributes, error === undefined ? undefined : messageOf(error), details)
      if (ring.size === batchSize) exporter.kick()
    },
    get dropped() {
      return ring.dropped + (exporter?.dropped ?? 0)
    },
    flush: async () => exporter?.flush(),
    close: async (timeoutMs = 2000) => exporter?.close(timeoutMs),
  }
}

function exporterTo(url: string, ring: SpanRing, options: RecorderOptions): Exporter {
  const { resource, protocol = "http/protobuf" } = options
  const writer = new ProtobufWriter()
  const anchor = new ClockAnchor()
  const isJson = protocol === "http/json"
  return new Exporter({
    poster: createPoster(url, isJson ? "application/json" : "application/x-protobuf", options.headers ?? {}),
    everyMs: options.everyMs ?? 500,
    onTrouble: options.onTrouble ?? (() => undefined),
    take(rest) {
      const count = Math.min(ring.size, batchSize)
      if (count === 0 || (count < batchSize && !rest)) return undefined
      const batch = { resource, ring, count, offsetMs: anchor.offsetMs() }
      const body = isJson ? encodeSpansJson(batch) : encodeSpans(writer, batch)
      ring.drop(count)
      return { body, items: count, isFull: count === batchSize }
    },
    discard() {
      const left = ring.size
      ring.drop(left)
      return left
    },
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
