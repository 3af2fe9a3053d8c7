import type { Exchange } from "./api.ts"
import { createHistogram } from "./histogram.ts"
import type { Histogram } from "./histogram.ts"

interface Latency {
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

export interface OperationReport extends Latency {
  readonly requests: number
  /** How often each refusal and fault came. */
  readonly errors: Readonly<Record<string, number>>
}

export interface Report extends Latency {
  readonly seconds: number
  readonly requests: number
  readonly requestsPerSecond: number
  /** Requests without an answer, or with a status of 500 and more; those that were shed are among them. */
  readonly failures: number
  readonly errors: Readonly<Record<string, number>>
  /** By operation, the most used one first. */
  readonly operations: Readonly<Record<string, OperationReport>>
}

/** Counts requests as they end. */
export interface Measurements {
  readonly add: (exchange: Exchange) => void
  /** Of all that came since the beginning. */
  report(): Report
  /** Of what came since it was last asked for. */
  recent(): { readonly requestsPerSecond: number; readonly p99Ms: number; readonly failures: number }
}

interface Operation {
  readonly latency: Histogram
  readonly errors: Map<string, number>
}

export function createMeasurements(): Measurements {
  const begun = performance.now()
  const all = createHistogram()
  const operations = new Map<string, Operation>()
  let failures = 0
  let recent = { since: begun, latency: createHistogram(), failures: 0 }
  return {
    add({ operation: name, status, code, ms }) {
      const operation = operations.get(name) ?? { latency: createHistogram(), errors: new Map<string, number>() }
      operations.set(name, operation)
      for (const histogram of [all, operation.latency, recent.latency]) histogram.add(ms)
      if (code !== undefined) operation.errors.set(code, (operation.errors.get(code) ?? 0) + 1)
      if (status >= 200 && status < 500) return
      failures += 1
      recent.failures += 1
    },
    report() {
      const seconds = (performance.now() - begun) / 1000
      const byUse = [...operations].sort(([, one], [, other]) => other.latency.count - one.latency.count)
      return {
        seconds: rounded(seconds),
        requests: all.count,
        requestsPerSecond: rounded(all.count / seconds),
        failures,
        ...latencyOf(all),
        errors: sumOf(byUse.map(([, { errors }]) => errors)),
        operations: Object.fromEntries(byUse.map(([name, operation]) => [name, reportOf(operation)])),
      }
    },
    recent() {
      const { since, latency, failures: failed } = recent
      recent = { since: performance.now(), latency: createHistogram(), failures: 0 }
      const seconds = (recent.since - since) / 1000
      return { requestsPerSecond: rounded(latency.count / seconds), p99Ms: rounded(latency.quantile(0.99)), failures: failed }
    },
  }
}

function reportOf({ latency, errors }: Operation): OperationReport {
  return { requests: latency.count, ...latencyOf(latency), errors: Object.fromEntries(errors) }
}

function latencyOf(histogram: Histogram): Latency {
  const [p50Ms = 0, p95Ms = 0, p99Ms = 0] = [0.5, 0.95, 0.99].map((part) => rounded(histogram.quantile(part)))
  return { p50Ms, p95Ms, p99Ms, maxMs: rounded(histogram.maxMs) }
}

function sumOf(counts: readonly ReadonlyMap<string, number>[]): Readonly<Record<string, number>> {
  const sum = new Map<string, number>()
  for (const [code, count] of counts.flatMap((each) => [...each])) sum.set(code, (sum.get(code) ?? 0) + count)
  return Object.fromEntries(sum)
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
