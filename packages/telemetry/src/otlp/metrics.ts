import type { Message } from "./message.ts"
import { readJson } from "./read-json.ts"
import { readProtobuf } from "./read-protobuf.ts"
import { metricsRequest } from "./schema.ts"

type Fields<M> = M extends Message<infer T> ? T : never

/** How many data points an `ExportMetricsServiceRequest` in protobuf (OTLP 1.x) has. Throws `Malformed`. */
export function countDataPoints(bytes: Uint8Array): number {
  return countOf(readProtobuf(metricsRequest, bytes))
}

/** The same from OTLP/JSON, parsed. */
export function countDataPointsJson(json: unknown): number {
  return countOf(readJson(metricsRequest, json))
}

function countOf({ resourceMetrics = [] }: Fields<typeof metricsRequest>): number {
  const metrics = resourceMetrics.flatMap(({ scopeMetrics = [] }) => scopeMetrics.flatMap(({ metrics = [] }) => metrics))
  const series = metrics.flatMap(({ gauge, sum, histogram, exponentialHistogram, summary }) => [
    gauge,
    sum,
    histogram,
    exponentialHistogram,
    summary,
  ])
  return series.reduce((count, one) => count + (one?.dataPoints?.length ?? 0), 0)
}
