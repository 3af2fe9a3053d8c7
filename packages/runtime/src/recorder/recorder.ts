import type { Attributes, SpanKind } from "@hanok/contract"
import { encodeSpans } from "./encode-spans.ts"
import { Exporter } from "./exporter.ts"
import { createPoster } from "./post.ts"
import { ProtobufWriter } from "./protobuf-writer.ts"
import { SpanRing } from "./ring.ts"
import type { SpanIds } from "./span-ids.ts"

export interface RecorderOptions {
  /** OpenTelemetry resource attributes: `service.name`, `service.instance.id`, … */
  readonly resource: Attributes
  /** The OTLP/HTTP base URL, to which `/v1/traces` is added. Without it spans are counted and dropped. */
  readonly endpoint?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Spans kept while they wait for export; 65 536 when not given. */
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
    attributes: Attributes | undefined,
    error: unknown,
  ): void
  /** Spans that were not exported: no room, or no answer from the receiver after the last attempt. */
  readonly dropped: number
  flush(): Promise<void>
  /** Flushes for at most `timeoutMs` (2000 when not given) and stops. */
  close(timeoutMs?: number): Promise<void>
}

/** Spans of one export request: about half a megabyte. */
const batchSize = 4096

export function createRecorder(options: RecorderOptions): Recorder {
  const ring = new SpanRing(options.capacity ?? 65_536)
  const exporter = options.endpoint === undefined ? undefined : exporterTo(options.endpoint, ring, options)
  return {
    now,
    record(ids, name, kind, startMs, endMs, attributes, error) {
      ring.push(ids, name, kind, startMs, endMs, attributes, error === undefined ? undefined : messageOf(error))
      if (!exporter) ring.drop(ring.size)
      else if (ring.size === batchSize) void exporter.flush()
    },
    get dropped() {
      return ring.dropped + (exporter?.dropped ?? 0)
    },
    flush: async () => exporter?.flush(),
    close: async (timeoutMs = 2000) => exporter?.close(timeoutMs),
  }
}

function exporterTo(endpoint: string, ring: SpanRing, options: RecorderOptions): Exporter {
  const writer = new ProtobufWriter()
  return new Exporter({
    poster: createPoster(`${endpoint.replace(/\/$/, "")}/v1/traces`, options.headers ?? {}),
    everyMs: options.everyMs ?? 500,
    onTrouble: options.onTrouble ?? (() => undefined),
    take() {
      const items = Math.min(ring.size, batchSize)
      if (items === 0) return undefined
      const body = encodeSpans(writer, options.resource, ring, items)
      ring.drop(items)
      return { body, items }
    },
  })
}

function now(): number {
  return performance.timeOrigin + performance.now()
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
