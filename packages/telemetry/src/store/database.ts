import { existsSync } from "node:fs"
import { link, mkdir, realpath, rename, rm } from "node:fs/promises"
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
    if (!existsSync(file)) await make(file)
    return new Database(file, await connected(file))
  } catch (error) {
    open.delete(file)
    throw error
  }
}

/** Two connections, to change and to ask, each to be used by one at a time: neither waits for the other. */
export class Database {
  readonly #file: string
  #opened: Promise<Opened> | undefined
  /** What is under way on either connection; resolves when it has ended, however. */
  readonly #working = new Set<Promise<void>>()
  /** When the one before has been closed: a file is never opened twice. */
  #closed: Promise<void> = Promise.resolve()

  constructor(file: string, opened: Opened) {
    this.#file = file
    this.#opened = Promise.resolve(opened)
  }

  /** Rejects with what `work` rejects with, or with a `StoreError`. */
  use<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#with("writing", work)
  }

  /** The same for what changes nothing. */
  ask<T>(question: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#with("asking", question)
  }

  /** Writes what is in the log into the file, and lets it go. Nothing may be under way. */
  async close(): Promise<void> {
    await this.#closed
    await this.#opened?.then(disconnect, nothing)
    this.#opened = undefined
    open.delete(this.#file)
  }

  async #with<T>(connection: "writing" | "asking", work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const opened = this.#open()
    const working = opened.then((connections) => work(connections[connection]))
    const ended = working.then(nothing, nothing)
    this.#working.add(ended)
    try {
      return await working
    } catch (error) {
      if (spoils.test(reasonOf(error))) await this.#forsake(opened)
      throw error
    } finally {
      this.#working.delete(ended)
    }
  }

  #open(): Promise<Opened> {
    this.#opened ??= this.#closed
      .then(() => connected(this.#file))
      .catch((error: unknown) => {
        this.#opened = undefined
        throw error
      })
    return this.#opened
  }

  // What is in memory must not get into the file: it is read anew from that, and from the log. The other connection may meet the same.
  async #forsake(opened: Promise<Opened>): Promise<void> {
    if (this.#opened === opened) {
      this.#opened = undefined
      this.#closed = Promise.all(this.#working).then(() => opened.then(disconnectUnwritten, nothing))
    }
    await this.#closed
  }
}

async function disconnectUnwritten(opened: Opened): Promise<void> {
  await opened.writing.run("PRAGMA disable_checkpoint_on_shutdown").catch(nothing)
  disconnect(opened)
}

function disconnect({ instance, writing, asking }: Opened): void {
  asking.closeSync()
  writing.closeSync()
  instance.closeSync()
}

function nothing(): void {}

/**
 * After such an error the database goes wrong in this process: after a fatal one (a disk that is full at the wrong moment) all work fails;
 * after a commit that failed (for want of room or memory) some columns keep what others do not, so that rows get what is another's.
 */
const spoils = /^FATAL Error|database has been invalidated|Failed to commit/

interface Opened {
  readonly instance: DuckDBInstance
  readonly writing: DuckDBConnection
  readonly asking: DuckDBConnection
}

async function connected(file: string): Promise<Opened> {
  try {
    const instance = await DuckDBInstance.create(file, settings)
    const writing = await instance.connect()
    await writing.run(tables)
    return { instance, writing, asking: await instance.connect() }
  } catch (error) {
    throw explained(file, error)
  }
}

// Under another name until it is complete: of one whose making is killed, or finds no room, nothing stays that could not be opened again.
async function make(file: string): Promise<void> {
  const unfinished = `${file}.${process.pid}.new`
  try {
    await rm(unfinished, { force: true })
    const instance = await DuckDBInstance.create(unfinished, settings)
    instance.closeSync()
    // Another process may have been quicker, and have written into its own. Not every file system has links.
    await link(unfinished, file).catch((error: NodeJS.ErrnoException) => (error.code === "EEXIST" ? undefined : rename(unfinished, file)))
  } catch (error) {
    throw explained(file, error)
  } finally {
    await rm(unfinished, { force: true })
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
  if (/permission denied|read-only file system|no space left|disk quota exceeded|file too large/i.test(reason))
    return new StoreError("STORE_OUT_OF_REACH", `The telemetry in ${file} cannot be opened: ${reason}.`, error)
  if (file.includes("?"))
    return new StoreError("STORE_OUT_OF_REACH", `The telemetry in ${file} cannot be opened: DuckDB takes no path with a "?" in it.`, error)
  return new StoreError("STORE_BROKEN", `The telemetry in ${file} cannot be opened: ${reason}.`, error)
}

function holder(reason: string): string {
  const [, pid] = /\(PID (\d+)\)/.exec(reason) ?? []
  return pid === undefined ? "" : ` (process ${pid})`
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, "")
}
