import type { DuckDBConnection } from "@duckdb/node-api"
import { nanosecondsOf, timeOf } from "../time.ts"
import type { Row } from "./rows.ts"

export interface TraceQuery {
  /** 20 when not given, 1000 at most. */
  readonly limit?: number
  /** Only traces that began before this: the `startedAt` of the last one on the page before. ISO 8601. */
  readonly before?: string
  /** With `before`: also those that began just then and whose ids come after this one, the `traceId` of the last one on that page. */
  readonly beforeTrace?: string
  /** Only traces in which this service took part. */
  readonly service?: string
  /** Only traces that have a span of this name. */
  readonly name?: string
  readonly minDurationMs?: number
  readonly errorsOnly?: boolean
  /** Only traces in which a server was called: none of a job that found nothing to do. */
  readonly requestsOnly?: boolean
}

export interface TraceSummary {
  readonly traceId: string
  /** The earliest root's name; empty while no root has arrived. */
  readonly name: string
  /** The earliest root's service; empty while no root has arrived. */
  readonly service: string
  /** ISO 8601, to the nanosecond. */
  readonly startedAt: string
  /** From the first start to the last end, what went on after the answer included. */
  readonly durationMs: number
  readonly spans: number
  /** All that took part, in alphabetical order. */
  readonly services: readonly string[]
  /** Spans with the status of an error. */
  readonly failed: number
  /** A root has arrived, and the parent of every other span. */
  readonly complete: boolean
}

export const mostTraces = 1000
const secondNs = 1_000_000_000n
/** Traces are looked for in the last two seconds first, then further back: the newest are wanted most, and lie together. */
const windowsNs = [2n * secondNs, 60n * secondNs, 1800n * secondNs, 21_600n * secondNs]

/** Newest first. */
export async function listTraces(connection: DuckDBConnection, query: TraceQuery): Promise<readonly TraceSummary[]> {
  const limit = Math.max(1, Math.min(mostTraces, Math.floor(query.limit ?? 20)))
  const before = query.before === undefined ? 2n ** 63n - 1n : nanosecondsOf(query.before)
  const bound = "SELECT min(start_ns) AS first, max(start_ns) AS last FROM spans WHERE start_ns <= $before"
  const [bounds] = await rowsOf(connection, bound, { before })
  if (bounds?.["last"] === null || bounds?.["last"] === undefined) return []
  const first = BigInt(String(bounds["first"]))
  const last = BigInt(String(bounds["last"]))
  for (const from of [...windowsNs.map((window) => last - window).filter((from) => from > first), first]) {
    const rows = await rowsOf(connection, summariesOf(query), { ...filtersOf(query), from, before, limit })
    if (rows.length === limit || from === first) return rows.map(summaryOf)
  }
  return []
}

function filtersOf(query: TraceQuery): Record<string, string | boolean | bigint> {
  return {
    beforeTrace: query.beforeTrace ?? afterAllIds,
    service: query.service ?? "",
    name: query.name ?? "",
    minDurationNs: BigInt(Math.round((query.minDurationMs ?? 0) * 1e6)),
    errorsOnly: query.errorsOnly ?? false,
    requestsOnly: query.requestsOnly ?? false,
  }
}

/** No hexadecimal digit. */
const afterAllIds = "g"

// Of every trace that has a span in the window all spans are taken, wherever they lie: its start is then known to be in it or not.
// Those that cannot be wanted are left out before, since summing up all that jobs do in a week takes minutes, and much room.
const summariesOf = (query: TraceQuery) => `
WITH near AS (SELECT DISTINCT trace_id FROM spans WHERE start_ns >= $from AND start_ns <= $before${conditionsOf(query).join("")}),
once AS MATERIALIZED (
  SELECT trace_id, span_id, last(parent_span_id) AS parent_span_id, last(service) AS service, last(name) AS name, last(kind) AS kind,
    last(start_ns) AS start_ns, last(end_ns) AS end_ns, last(failed) AS failed
  FROM spans SEMI JOIN near USING (trace_id) GROUP BY trace_id, span_id),
parted AS (
  SELECT DISTINCT trace_id FROM once AS span WHERE parent_span_id <> '' AND NOT EXISTS
    (SELECT 1 FROM once AS parent WHERE parent.trace_id = span.trace_id AND parent.span_id = span.parent_span_id))
SELECT trace_id, min(start_ns) AS start_ns, max(end_ns) AS end_ns, count(*) AS spans,
  list_sort(list_distinct(list(service))) AS services, count(*) FILTER (failed) AS failed,
  coalesce(arg_min(name, start_ns) FILTER (parent_span_id = ''), '') AS name,
  coalesce(arg_min(service, start_ns) FILTER (parent_span_id = ''), '') AS service,
  bool_or(parent_span_id = '') AND trace_id NOT IN (SELECT trace_id FROM parted) AS complete
FROM once GROUP BY trace_id
HAVING min(start_ns) >= $from AND (min(start_ns) < $before OR (min(start_ns) = $before AND trace_id > $beforeTrace)) AND max(end_ns) - min(start_ns) >= $minDurationNs
  AND ($service = '' OR bool_or(once.service = $service)) AND ($name = '' OR bool_or(once.name = $name))
  AND (NOT $errorsOnly OR bool_or(once.failed)) AND (NOT $requestsOnly OR bool_or(once.kind = 'server'))
ORDER BY min(start_ns) DESC, trace_id LIMIT $limit`

// What is wanted began in the window, and so did the span for which it is.
function conditionsOf({ service, name, errorsOnly, requestsOnly }: TraceQuery): readonly string[] {
  const conditions = [service && "service = $service", name && "name = $name", errorsOnly && "failed", requestsOnly && "kind = 'server'"]
  return conditions
    .filter((condition) => typeof condition === "string" && condition !== "")
    .map((condition) => ` AND trace_id IN (SELECT trace_id FROM spans WHERE start_ns >= $from AND ${condition})`)
}

async function rowsOf(
  connection: DuckDBConnection,
  sql: string,
  values: Record<string, string | boolean | bigint | number>,
): Promise<readonly Row[]> {
  const reader = await connection.runAndReadAll(sql, values)
  return reader.getRowObjectsJson()
}

function summaryOf(row: Row): TraceSummary {
  const startNs = BigInt(String(row["start_ns"]))
  return {
    traceId: String(row["trace_id"]),
    name: String(row["name"]),
    service: String(row["service"]),
    startedAt: timeOf(startNs),
    durationMs: Math.max(0, Number(BigInt(String(row["end_ns"])) - startNs) / 1e6),
    spans: Number(row["spans"]),
    services: Array.isArray(row["services"]) ? row["services"].map(String) : [],
    failed: Number(row["failed"]),
    complete: row["complete"] === true,
  }
}
