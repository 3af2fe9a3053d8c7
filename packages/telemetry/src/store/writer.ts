import { setImmediate as turn } from "node:timers/promises"
import type { DuckDBAppender, DuckDBConnection } from "@duckdb/node-api"
import { Fault } from "@hanok/contract"
import type { LogRecord } from "../log-record.ts"
import type { SpanRecord } from "../span.ts"
import type { Database } from "./database.ts"
import { appendLog, appendSpan } from "./rows.ts"
import { weightOf } from "./weight.ts"

interface Waiting {
  readonly spans: readonly SpanRecord[]
  readonly logs: readonly LogRecord[]
  readonly weightBytes: number
  readonly receivedMs: number
  readonly kept: () => void
  readonly lost: (error: Fault) => void
}

export interface WriterOptions {
  /** Runs work when its turn comes, and nothing else until it is done. */
  readonly exclusively: (work: (database: Pick<Database, "use">) => Promise<void>) => Promise<void>
  /** Records that may wait at once. */
  readonly capacity: number
  readonly now: () => number
}

/** Rows appended between two turns of the event loop: about four milliseconds. */
const rowsATurn = 512
/** A commit costs as much as hundreds of rows, and there are many senders: batches are written this often, in milliseconds. */
const writeEveryMs = 200
/** So many that come together are written at once: a full batch of OpenTelemetry's batch processors, of which the next one may wait for the answer. */
const fullBatch = 512
/** So much may wait at once, however few the records are. */
const mostWaitingBytes = 64 * 1024 * 1024
const retryAfterMs = 1000

/**
 * Writes a batch at once when nothing was written lately; otherwise collects what comes in for a moment, and writes it with one
 * commit. Whoever adds waits for that commit, so that nothing is called kept which a crash could still take; senders that do not wait
 * are turned away when too much is waiting.
 */
export class Writer {
  readonly #options: WriterOptions
  #waiting: Waiting[] = []
  #size = 0
  #weightBytes = 0
  #dropped = 0
  /** Runs out when what waits is to be written. */
  #timer: NodeJS.Timeout | undefined
  /** Has its turn to come at the database. */
  #isDue = false
  #wroteAt = -Infinity

  constructor(options: WriterOptions) {
    this.#options = options
  }

  /** Records turned away, and records that the database would not take. */
  get dropped(): number {
    return this.#dropped
  }

  /** Resolves when the records are on disk. Rejects with `OVERLOADED` or `UNAVAILABLE`; then none of them is kept. */
  add(spans: readonly SpanRecord[], logs: readonly LogRecord[]): Promise<void> {
    const size = spans.length + logs.length
    if (size === 0) return Promise.resolve()
    const { capacity, now } = this.#options
    // One request may go beyond the capacity, so that the largest one allowed can ever be taken.
    if (this.#size >= capacity || this.#weightBytes >= mostWaitingBytes) return Promise.reject(this.#turnedAway(size))
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const weightBytes = [...spans, ...logs].reduce((sum, record) => sum + weightOf(record), 0)
    this.#size += size
    this.#weightBytes += weightBytes
    this.#waiting.push({ spans, logs, weightBytes, receivedMs: now(), kept: resolve, lost: reject })
    // Whoever sends one by one may wait for each.
    if (size === 1 || size >= fullBatch) this.writeNow()
    else this.#writeSoon()
    return promise
  }

  /** What waits has its turn next; does nothing when nothing waits. */
  writeNow(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#isDue || this.#waiting.length === 0) return
    this.#isDue = true
    void this.#options.exclusively((database) => this.#write(database, this.#take()))
  }

  #writeSoon(): void {
    if (this.#isDue) return
    const pauseMs = this.#wroteAt + writeEveryMs - performance.now()
    if (pauseMs <= 0) this.writeNow()
    else this.#timer ??= setTimeout(() => this.writeNow(), pauseMs)
  }

  #take(): readonly Waiting[] {
    const batch = this.#waiting
    this.#waiting = []
    this.#isDue = false
    this.#wroteAt = performance.now()
    return batch
  }

  // In halves where all at once is more than the database has memory for, so that what is too large is lost alone.
  async #write(database: Pick<Database, "use">, batch: readonly Waiting[]): Promise<void> {
    try {
      await database.use((connection) => write(connection, batch))
      this.#isDone(batch)
    } catch (error) {
      if (batch.length === 1 || !isForMemory(error)) return this.#isLost(batch, error)
      const half = Math.ceil(batch.length / 2)
      await this.#write(database, batch.slice(0, half))
      await this.#write(database, batch.slice(half))
    }
  }

  #isDone(batch: readonly Waiting[]): void {
    this.#letGo(batch)
    for (const { kept } of batch) kept()
  }

  #isLost(batch: readonly Waiting[], error: unknown): void {
    this.#letGo(batch)
    this.#dropped += sizeOf(batch)
    const reason = error instanceof Error ? error.message : String(error)
    const fault = new Fault("UNAVAILABLE", `The telemetry could not be written: ${reason}`, { cause: error, retryAfterMs })
    for (const { lost } of batch) lost(fault)
  }

  #letGo(batch: readonly Waiting[]): void {
    this.#size -= sizeOf(batch)
    this.#weightBytes -= batch.reduce((sum, { weightBytes }) => sum + weightBytes, 0)
  }

  #turnedAway(size: number): Fault {
    this.#dropped += size
    const waiting = `${this.#size} records of ${this.#weightBytes} bytes wait to be written already`
    return new Fault("OVERLOADED", `${waiting}; ${size} were turned away.`, { retryAfterMs })
  }
}

function isForMemory(error: unknown): boolean {
  return error instanceof Error && /out of memory|(pin|allocate) (block|data)/i.test(error.message)
}

function sizeOf(batch: readonly Waiting[]): number {
  return batch.reduce((sum, { spans, logs }) => sum + spans.length + logs.length, 0)
}

async function write(connection: DuckDBConnection, batch: readonly Waiting[]): Promise<void> {
  const spans = batch.flatMap(({ spans, receivedMs }) => spans.map((record) => ({ record, receivedMs })))
  const logs = batch.flatMap(({ logs, receivedMs }) => logs.map((record) => ({ record, receivedMs })))
  await connection.run("BEGIN")
  try {
    await append(connection, "spans", spans, appendSpan)
    await append(connection, "logs", logs, appendLog)
    await connection.run("COMMIT")
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => undefined)
    throw error
  }
}

interface Received<T> {
  readonly record: T
  readonly receivedMs: number
}

async function append<T>(
  connection: DuckDBConnection,
  table: string,
  rows: readonly Received<T>[],
  write: (appender: DuckDBAppender, record: T, receivedMs: number) => void,
): Promise<void> {
  if (rows.length === 0) return
  const appender = await connection.createAppender(table)
  try {
    for (const [index, { record, receivedMs }] of rows.entries()) {
      write(appender, record, receivedMs)
      if (index % rowsATurn === rowsATurn - 1) await turn()
    }
  } finally {
    appender.closeSync()
  }
}
