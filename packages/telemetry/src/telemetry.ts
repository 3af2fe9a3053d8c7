import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { DuckDBInstance } from "@duckdb/node-api"
import type { DuckDBConnection } from "@duckdb/node-api"
import type { SpanRecord } from "./span.ts"
import { treeOf } from "./tree.ts"
import type { TraceTree } from "./tree.ts"

export interface TelemetryOptions {
  /** Where the spans are kept, as a DuckDB database; made when it is not there. One process at a time. */
  readonly folder: string
  /** Traces older than that are forgotten, in milliseconds; seven days when not given. */
  readonly keptMs?: number
}

export interface TraceQuery {
  /** 20 when not given, 1000 at most. */
  readonly limit?: number
  /** Only traces in which this service took part. */
  readonly service?: string
  readonly errorsOnly?: boolean
}

export interface TraceSummary {
  readonly traceId: string
  /** The earliest root's name; empty while no root has arrived. */
  readonly name: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly durationMs: number
  readonly spans: number
  readonly services: readonly string[]
  readonly failed: number
}

/** Keeps spans and gives them back by trace. */
export interface Telemetry {
  /** Takes spans; they are in the next answer. Rejects when they cannot be kept. A span that comes twice counts once. */
  add(spans: readonly SpanRecord[]): Promise<void>
  /** Newest first. */
  traces(query?: TraceQuery): Promise<readonly TraceSummary[]>
  trace(traceId: string): Promise<TraceTree | undefined>
  close(): Promise<void>
}

const dayMs = 86_400_000
const forgetEveryMs = 3_600_000
const mostTraces = 1000

/** Opens the store. Rejects with what is wrong and what to do when another process has it, or it cannot be read. */
export async function createTelemetry({ folder, keptMs = 7 * dayMs }: TelemetryOptions): Promise<Telemetry> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, "telemetry.duckdb")
  const instance = await open(file)
  const connection = await instance.connect()
  await connection.run(table)
  const store = new Store(connection)
  await store.forget(keptMs)
  const timer = setInterval(() => void store.forget(keptMs), forgetEveryMs)
  timer.unref()
  return {
    add: (spans) => store.add(spans),
    traces: (query = {}) => store.traces(query),
    trace: (traceId) => store.trace(traceId),
    async close() {
      clearInterval(timer)
      await store.idle()
      connection.closeSync()
      instance.closeSync()
    },
  }
}

const table = `CREATE TABLE IF NOT EXISTS spans (
  trace_id VARCHAR, span_id VARCHAR, parent_span_id VARCHAR, service VARCHAR, name VARCHAR, kind VARCHAR,
  start_ns BIGINT, end_ns BIGINT, failed BOOLEAN, message VARCHAR, attributes VARCHAR, resource VARCHAR)`

async function open(file: string): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(
      `The traces in ${file} cannot be opened: ${reason}. Stop the process that has it open, or delete the file to begin anew.`,
      { cause: error },
    )
  }
}

class Store {
  readonly #connection: DuckDBConnection
  // One connection does one thing at a time; whoever comes later waits.
  #last: Promise<unknown> = Promise.resolve()

  constructor(connection: DuckDBConnection) {
    this.#connection = connection
  }

  add(spans: readonly SpanRecord[]): Promise<void> {
    return this.#next(() => this.#append(spans))
  }

  traces({ limit = 20, service = "", errorsOnly = false }: TraceQuery): Promise<readonly TraceSummary[]> {
    const most = Math.max(1, Math.min(mostTraces, Math.floor(limit)))
    return this.#next(async () => {
      const reader = await this.#connection.runAndReadAll(
        `SELECT trace_id, min(start_ns) AS start_ns, max(end_ns) AS end_ns, count(DISTINCT span_id) AS spans,
           list_sort(list_distinct(list(service))) AS services, count(DISTINCT span_id) FILTER (failed) AS failed,
           coalesce(arg_min(name, start_ns) FILTER (parent_span_id = ''), '') AS name
         FROM spans GROUP BY trace_id
         HAVING ($service = '' OR list_contains(list(service), $service)) AND (NOT $errors OR bool_or(failed))
         ORDER BY min(start_ns) DESC LIMIT ${most}`,
        { service, errors: errorsOnly },
      )
      return reader.getRowObjectsJson().map(summaryOf)
    })
  }

  trace(traceId: string): Promise<TraceTree | undefined> {
    return this.#next(async () => {
      const reader = await this.#connection.runAndReadAll("SELECT * FROM spans WHERE trace_id = $traceId", { traceId })
      const spans = reader.getRowObjectsJson().map(spanOf)
      return spans.length === 0 ? undefined : treeOf(traceId, spans)
    })
  }

  forget(olderThanMs: number): Promise<void> {
    const before = BigInt(Date.now() - olderThanMs) * 1_000_000n
    return this.#next(async () => {
      await this.#connection.run(`DELETE FROM spans WHERE start_ns < ${before}`)
    })
  }

  idle(): Promise<unknown> {
    return this.#last.catch(() => undefined)
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work)
    this.#last = result.catch(() => undefined)
    return result
  }

  async #append(spans: readonly SpanRecord[]): Promise<void> {
    const appender = await this.#connection.createAppender("spans")
    for (const span of spans) {
      appender.appendVarchar(span.traceId)
      appender.appendVarchar(span.spanId)
      appender.appendVarchar(span.parentSpanId)
      appender.appendVarchar(span.service)
      appender.appendVarchar(span.name)
      appender.appendVarchar(span.kind)
      appender.appendBigInt(BigInt.asIntN(64, span.startNs))
      appender.appendBigInt(BigInt.asIntN(64, span.endNs))
      appender.appendBoolean(span.failed)
      appender.appendVarchar(span.message)
      appender.appendVarchar(JSON.stringify(span.attributes))
      appender.appendVarchar(JSON.stringify(span.resource))
      appender.endRow()
    }
    appender.closeSync()
  }
}

type Row = Readonly<Record<string, unknown>>

function summaryOf(row: Row): TraceSummary {
  const startNs = BigInt(String(row["start_ns"]))
  return {
    traceId: String(row["trace_id"]),
    name: String(row["name"]),
    startedAt: new Date(Number(startNs / 1_000_000n)).toISOString(),
    durationMs: Number(BigInt(String(row["end_ns"])) - startNs) / 1e6,
    spans: Number(row["spans"]),
    services: Array.isArray(row["services"]) ? row["services"].map(String) : [],
    failed: Number(row["failed"]),
  }
}

function spanOf(row: Row): SpanRecord {
  return {
    traceId: String(row["trace_id"]),
    spanId: String(row["span_id"]),
    parentSpanId: String(row["parent_span_id"]),
    service: String(row["service"]),
    name: String(row["name"]),
    // Written by `#append` from a `SpanRecord`.
    kind: String(row["kind"]) as SpanRecord["kind"],
    startNs: BigInt(String(row["start_ns"])),
    endNs: BigInt(String(row["end_ns"])),
    failed: row["failed"] === true,
    message: String(row["message"]),
    attributes: JSON.parse(String(row["attributes"])),
    resource: JSON.parse(String(row["resource"])),
  }
}
