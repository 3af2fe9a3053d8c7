import type { DuckDBConnection } from "@duckdb/node-api"
import { Fault } from "@hanok/contract"
import type { LogRecord } from "./log-record.ts"
import type { SpanRecord } from "./span.ts"
import { openDatabase } from "./store/database.ts"
import type { Database } from "./store/database.ts"
import { forgetOld } from "./store/retention.ts"
import type { Retention } from "./store/retention.ts"
import { logOf, spanOf } from "./store/rows.ts"
import { listTraces } from "./store/trace-list.ts"
import type { TraceQuery, TraceSummary } from "./store/trace-list.ts"
import { Writer } from "./store/writer.ts"
import { treeOf } from "./tree.ts"
import type { TraceTree } from "./tree.ts"
import { Turns } from "./turns.ts"

export interface TelemetryOptions {
  /** Where it is kept, as a DuckDB database; made when it is not there. One process at a time. */
  readonly folder: string
  readonly retention?: Retention
  /** Records that may wait to be written before more are turned away, if they do not take 64 MiB before; 100 000 when not given. */
  readonly capacity?: number
}

export interface LogQuery {
  readonly traceId?: string
  /** 100 when not given, 10 000 at most. */
  readonly limit?: number
}

/** Keeps spans and log lines and gives them back. What was added before a question was asked is in its answer. */
export interface Telemetry {
  /**
   * Resolves when the spans are on disk. Rejects with a `Fault`, `OVERLOADED` or `UNAVAILABLE`, when they are not kept.
   * A span that comes twice counts once. Spans must be valid: see `isValidSpan`.
   */
  add(spans: readonly SpanRecord[]): Promise<void>
  /** As `add`, for log lines. */
  addLogs(logs: readonly LogRecord[]): Promise<void>
  /** Newest first. Rejects with a `RangeError` when `before` is no time. */
  traces(query?: TraceQuery): Promise<readonly TraceSummary[]>
  /** `undefined` when no span of it is known. Of more than 100 000 spans those that came first are in the tree, the others are counted. */
  trace(traceId: string): Promise<TraceTree | undefined>
  /** In the order of time: the newest `limit` lines. */
  logs(query?: LogQuery): Promise<readonly LogRecord[]>
  /** Records turned away or lost since it was opened. */
  readonly dropped: number
  /** Resolves when all that was added is written or lost. */
  flush(): Promise<void>
  /** Writes what waits, and closes the database. */
  close(): Promise<void>
}

const forgetEveryMs = 60_000

/** Opens the store. Rejects with a `StoreError` that says what to do when another process has it, or it cannot be read or made. */
export async function createTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  return new Store(await openDatabase(options.folder), options)
}

class Store implements Telemetry {
  readonly #database: Database
  readonly #retention: Retention
  readonly #writer: Writer
  readonly #timer: NodeJS.Timeout
  // Whoever asks for long keeps nobody from writing: of spans that wait for too long, some would be lost.
  readonly #writes = new Turns()
  readonly #questions = new Turns()
  #closing: Promise<void> | undefined

  constructor(database: Database, { retention = {}, capacity = 100_000 }: TelemetryOptions) {
    this.#database = database
    this.#retention = retention
    this.#writer = new Writer({ capacity, now: Date.now, exclusively: (work) => this.#writes.take(() => work(database)) })
    this.#timer = setInterval(() => void this.#forget(), forgetEveryMs)
    this.#timer.unref()
    void this.#forget()
  }

  get dropped(): number {
    return this.#writer.dropped
  }

  add(spans: readonly SpanRecord[]): Promise<void> {
    return this.#closing ? closed() : this.#writer.add(spans, [])
  }

  addLogs(logs: readonly LogRecord[]): Promise<void> {
    return this.#closing ? closed() : this.#writer.add([], logs)
  }

  traces(query: TraceQuery = {}): Promise<readonly TraceSummary[]> {
    return this.#closing ? closed() : this.#ask((connection) => listTraces(connection, query))
  }

  async trace(traceId: string): Promise<TraceTree | undefined> {
    const rows = await this.#rows(`SELECT * FROM spans WHERE trace_id = $traceId LIMIT ${mostSpans}`, { traceId })
    if (rows.length < mostSpans) return rows.length === 0 ? undefined : treeOf(traceId, rows.map(spanOf))
    const [all] = await this.#rows("SELECT count(*) AS spans FROM spans WHERE trace_id = $traceId", { traceId })
    return treeOf(traceId, rows.map(spanOf), Math.max(0, Number(all?.["spans"]) - mostSpans))
  }

  async logs({ traceId = "", limit = 100 }: LogQuery = {}): Promise<readonly LogRecord[]> {
    const most = Math.max(1, Math.min(mostLogs, Math.floor(limit)))
    const newest = `SELECT * FROM logs WHERE $traceId = '' OR trace_id = $traceId ORDER BY time_ns DESC, rowid DESC LIMIT ${most}`
    const rows = await this.#rows(newest, { traceId })
    return rows.map(logOf).toReversed()
  }

  async flush(): Promise<void> {
    this.#writer.writeNow()
    await this.#writes.last
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
    await this.#questions.last
    await this.#database.close()
  }

  #rows(sql: string, values: Record<string, string>) {
    if (this.#closing) return closed()
    return this.#ask(async (connection) => (await connection.runAndReadAll(sql, values)).getRowObjectsJson())
  }

  // Nothing else goes on meanwhile. What could not be forgotten now is forgotten a minute later.
  async #forget(): Promise<void> {
    const forget = (connection: DuckDBConnection) => forgetOld(connection, this.#retention, Date.now())
    await this.#questions.take(() => this.#writes.take(() => this.#database.use(forget))).catch(() => undefined)
  }

  // What was added before comes first.
  #ask<T>(question: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    this.#writer.writeNow()
    const before = this.#writes.last
    return this.#questions.take(async () => {
      await before
      return this.#database.ask(question)
    })
  }
}

const mostLogs = 10_000
/** What goes round within one span for days makes one trace of it all, and that is more than a process can hold. */
const mostSpans = 100_000

function closed(): Promise<never> {
  return Promise.reject(new Fault("UNAVAILABLE", "The telemetry is closed."))
}
