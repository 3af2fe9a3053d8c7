import type { SpanKind } from "@hanok/contract"
import { messageOf } from "../error-text.ts"
import { BatchBuilder } from "./batch-builder.ts"
import { createJsonEncoder } from "./encode-json.ts"
import { createProtobufEncoder } from "./encode-spans.ts"
import { Exporter } from "./exporter.ts"
import { createPosterLater } from "./post-later.ts"
import type { OwnAttributes } from "./own-attributes.ts"
import type { RecordedAttributes } from "./recorded-value.ts"
import { SpanRing } from "./ring.ts"
import type { Rare } from "./ring.ts"
import type { SpanDetails } from "./span-details.ts"
import type { SpanIds } from "./span-ids.ts"
import type { SpanTemplate } from "./span-template.ts"

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
  /** Spans kept while they wait for export, rounded up to a power of two; 65 536 when not given. Of spans with much to tell fewer are kept. */
  readonly capacity?: number
  /** Between two exports, in milliseconds; 500 when not given. */
  readonly everyMs?: number
  /** Told of what begins to go wrong and, without a message, that it goes well again; `url` is where spans are sent, without a query. */
  readonly onTrouble?: (message: string | undefined, url: string) => void
}

/** Records spans, all of them, and exports them by OTLP. */
export type Recorder = Pick<OtlpRecorder, keyof OtlpRecorder>

/** Recorded spans that are worth a turn of the event loop to encode them: as many as fit the processor's first cache. */
const sliceSize = 256

export function createRecorder(options: RecorderOptions): Recorder {
  const url = options.tracesEndpoint ?? (options.endpoint && `${options.endpoint.replace(/\/$/, "")}/v1/traces`)
  return url ? new OtlpRecorder(url, options) : silentRecorder
}

/** Whether spans go anywhere from there. */
export function exportsSpans(recorder: Recorder): boolean {
  return recorder !== silentRecorder
}

/** Of a process whose spans nobody wants. */
const silentRecorder: Recorder = {
  record: () => undefined,
  recordBelow: () => undefined,
  dropped: 0,
  flush: () => Promise.resolve(),
  close: () => Promise.resolve(),
}

/** A class, since calls go by way of it: the engine looks a method up each time in an object that was written down with an accessor. */
class OtlpRecorder {
  private readonly ring: SpanRing
  private readonly batches: BatchBuilder
  private readonly exporter: Exporter
  private readonly slice: number

  constructor(url: string, { resource, headers = {}, protocol, capacity = 65_536, everyMs = 500, onTrouble }: RecorderOptions) {
    const { origin, pathname } = new URL(url)
    const isJson = protocol === "http/json"
    this.ring = new SpanRing(capacity)
    this.batches = new BatchBuilder(this.ring, isJson ? createJsonEncoder(resource) : createProtobufEncoder(resource))
    this.exporter = new Exporter({
      poster: createPosterLater(url, isJson ? "application/json" : "application/x-protobuf", headers),
      batches: this.batches,
      everyMs,
      onTrouble: (message) => onTrouble?.(message, `${origin}${pathname}`),
    })
    this.slice = Math.min(sliceSize, this.ring.capacity / 2)
  }

  /**
   * Records a span that has ended. Never throws and never waits; a span that finds no room is counted in `dropped`.
   * What is the same for many spans is in a shared `template`, what differs is `own`.
   */
  record(
    ids: SpanIds,
    template: SpanTemplate,
    kind: SpanKind,
    startMs: number,
    endMs: number,
    own: OwnAttributes | undefined,
    error: unknown,
    details?: SpanDetails,
  ): void {
    this.ring.push(ids, template, kind, startMs, endMs, own, rareOf(error, details))
    this.encodeLater()
  }

  /** The same of a span below `parent` whose own ids nobody knows yet. */
  recordBelow(
    parent: SpanIds,
    template: SpanTemplate,
    kind: SpanKind,
    startMs: number,
    endMs: number,
    own: OwnAttributes | undefined,
    error: unknown,
  ): void {
    this.ring.pushBelow(parent, template, kind, startMs, endMs, own, rareOf(error, undefined))
    this.encodeLater()
  }

  /** Spans that were not exported: no room, no answer from the receiver after the last attempt, or no time when closing. */
  get dropped(): number {
    return this.ring.dropped + this.exporter.dropped
  }

  flush(): Promise<void> {
    return this.exporter.flush()
  }

  /** Flushes for at most `timeoutMs` and stops. */
  close(timeoutMs = 2000): Promise<void> {
    return this.exporter.close(timeoutMs)
  }

  // Not here: whoever records does not wait. Not late: what a span holds on to is let go of while it is young.
  private encodeLater(): void {
    if (this.ring.size === this.slice) setImmediate(() => this.encode())
  }

  private encode(): void {
    this.batches.fill()
    if (this.batches.isFull) this.exporter.kick()
  }
}

function rareOf(error: unknown, details: SpanDetails | undefined): Rare | undefined {
  if (error === undefined && details === undefined) return undefined
  return { error: error === undefined ? undefined : messageOf(error), details }
}
