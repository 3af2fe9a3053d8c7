import { mkdir, realpath } from "node:fs/promises"
import { join } from "node:path"
import { DuckDBInstance } from "@duckdb/node-api"
import type { DuckDBConnection } from "@duckdb/node-api"
import { StoreError } from "./store-error.ts"

/** The number changes with the tables: another version's file is left alone, and a new one begun. */
const fileName = "telemetry.v1.duckdb"

// The database's lock keeps other processes out, but not this one.
const open = new Set<string>()

/** Opens the database in `folder`, or makes it. Rejects with a `StoreError`. */
export async function openDatabase(folder: string): Promise<Database> {
  const file = join(await madeFolder(folder), fileName)
  if (open.has(file)) throw new StoreError("STORE_LOCKED", `The telemetry in ${file} is open in this process already.`)
  open.add(file)
  try {
    return new Database(file, await connected(file))
  } catch (error) {
    open.delete(file)
    throw error
  }
}

/** One connection, to be used by one at a time. */
export class Database {
  readonly #file: string
  #opened: Opened | undefined

  constructor(file: string, opened: Opened) {
    this.#file = file
    this.#opened = opened
  }

  /** Rejects with what `work` rejects with, or with a `StoreError`. */
  async use<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    this.#opened ??= await connected(this.#file)
    try {
      return await work(this.#opened.connection)
    } catch (error) {
      if (spoils.test(reasonOf(error))) await this.#forsake()
      throw error
    }
  }

  /** Writes what is in the log into the file, and lets it go. */
  close(): void {
    this.#disconnect()
    open.delete(this.#file)
  }

  // What is in memory must not get into the file: it is read anew from that, and from the log.
  async #forsake(): Promise<void> {
    await this.#opened?.connection.run("PRAGMA disable_checkpoint_on_shutdown").catch(() => undefined)
    this.#disconnect()
  }

  #disconnect(): void {
    this.#opened?.connection.closeSync()
    this.#opened?.instance.closeSync()
    this.#opened = undefined
  }
}

/**
 * After such an error the database goes wrong in this process: after a fatal one (a disk that is full at the wrong moment) all work fails;
 * after a commit that failed (for want of room or memory) some columns keep what others do not, so that rows get what is another's.
 */
const spoils = /^FATAL Error|database has been invalidated|Failed to commit/

interface Opened {
  readonly instance: DuckDBInstance
  readonly connection: DuckDBConnection
}

async function connected(file: string): Promise<Opened> {
  try {
    const instance = await DuckDBInstance.create(file, settings)
    const connection = await instance.connect()
    await connection.run(tables)
    return { instance, connection }
  } catch (error) {
    throw explained(file, error)
  }
}

// Telemetry is a guest on the machine: the program that it watches comes first.
const settings = { threads: "2", memory_limit: "512MB" }

/** Ids, names and attributes compress well as they are; attributes, events, links and resources are JSON. */
const tables = `
CREATE TABLE IF NOT EXISTS spans (
  received_ms BIGINT, trace_id VARCHAR, span_id VARCHAR, parent_span_id VARCHAR, service VARCHAR, name VARCHAR, kind VARCHAR,
  start_ns BIGINT, end_ns BIGINT, failed BOOLEAN, message VARCHAR, attributes VARCHAR, events VARCHAR, links VARCHAR,
  scope_name VARCHAR, scope_version VARCHAR, resource VARCHAR);
CREATE TABLE IF NOT EXISTS logs (
  received_ms BIGINT, time_ns BIGINT, severity INTEGER, severity_text VARCHAR, body VARCHAR, trace_id VARCHAR, span_id VARCHAR,
  service VARCHAR, attributes VARCHAR, resource VARCHAR);`

async function madeFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true })
    return await realpath(folder)
  } catch (error) {
    throw new StoreError("STORE_OUT_OF_REACH", `The folder ${folder} for telemetry cannot be made: ${reasonOf(error)}.`, error)
  }
}

function explained(file: string, error: unknown): StoreError {
  const reason = reasonOf(error)
  if (/conflicting lock|could not set lock/i.test(reason))
    return new StoreError("STORE_LOCKED", `The telemetry in ${file} cannot be opened, another process has it${holder(reason)}.`, error)
  if (/permission denied|read-only file system|no space left/i.test(reason))
    return new StoreError("STORE_OUT_OF_REACH", `The telemetry in ${file} cannot be opened: ${reason}.`, error)
  return new StoreError("STORE_BROKEN", `The telemetry in ${file} cannot be opened: ${reason}.`, error)
}

function holder(reason: string): string {
  const [, pid] = /\(PID (\d+)\)/.exec(reason) ?? []
  return pid === undefined ? "" : ` (process ${pid})`
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, "")
}
