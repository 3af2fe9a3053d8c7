import { join, resolve } from "node:path"
import { dataFolderIn, makeFolder, openCluster, urlOf } from "./cluster.ts"
import type { Cluster } from "./cluster.ts"
import { findNatives } from "./natives.ts"
import type { Natives } from "./natives.ts"
import { choosePort } from "./port.ts"
import { clearPreviousServer, writeHolder } from "./previous-server.ts"
import { findRunAs } from "./run-as.ts"
import type { RunAs } from "./run-as.ts"
import { startServer } from "./server-process.ts"
import type { ServerProcess, ServerStart } from "./server-process.ts"

export interface EmbeddedPostgresOptions {
  /** Where the data lives; made when it is not there. It belongs to one running server at a time. */
  readonly folder: string
  /** A free one when not given. */
  readonly port?: number
  /** Gets a line about what is unusual. PostgreSQL's own log is `postgres.log` in the folder; each start goes on with it. */
  readonly log?: (message: string) => void
  /** Ends the start while it is under way: then it rejects with the signal's reason, and no server is left. */
  readonly signal?: AbortSignal
  /** `full`, the default: what was committed survives a crash of the machine. `off`: faster; only a crash of PostgreSQL itself is survived. */
  readonly durability?: "full" | "off"
}

export interface EmbeddedPostgres {
  /** Of the owner of everything in it. It holds the password: do not log it. */
  readonly url: string
  /** Resolves when the server has ended, by `close` or by itself; never rejects. */
  readonly ended: Promise<void>
  /** Ends connections and stops the server. A second call does nothing. */
  close(): Promise<void>
}

/**
 * A PostgreSQL server of one's own, on a port of this machine only, from the packages that npm has brought.
 * It ends with this process, also when the process is killed. Rejects with what is wrong and what to do.
 * @example
 * const server = await createEmbeddedPostgres({ folder: ".hanok/postgres" })
 */
export async function createEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const folder = resolve(options.folder)
  const log = options.log ?? (() => undefined)
  await makeFolder(folder)
  const natives = await findNatives(folder)
  const runAs = await findRunAs(folder, dataFolderIn(folder), natives.postgres)
  const cluster = await openCluster(folder, natives, runAs, { durable: options.durability !== "off", signal: options.signal })
  await clearPreviousServer(folder, cluster.data, log, options.signal)
  const { server, port } = await startOnPort(folder, cluster, natives, runAs, { ...options, log })
  await hold(folder, server)
  return running(folder, server, port, cluster.password, log)
}

// One that nobody is known to hold would be stopped by the next start.
async function hold(folder: string, server: ServerProcess): Promise<void> {
  try {
    await writeHolder(folder, server.pid)
  } catch (cause) {
    await server.stop()
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`PostgreSQL was stopped again, since who holds it could not be written into ${folder} (${said}).`, { cause })
  }
}

function running(folder: string, server: ServerProcess, port: number, password: string, log: (message: string) => void): EmbeddedPostgres {
  let closing: Promise<void> | undefined
  void server.ended.then(() => {
    if (!closing) log(`PostgreSQL has ended by itself; see ${join(folder, "postgres.log")}`)
  })
  return {
    url: urlOf(password, port),
    ended: server.ended,
    close() {
      closing ??= server.stop()
      return closing
    },
  }
}

const triesForPort = 3

// Between finding a free port and taking it, another may take it: then the next one is tried.
async function startOnPort(
  folder: string,
  { data }: Cluster,
  { postgres: program }: Natives,
  { prefix }: RunAs,
  { signal, ...options }: EmbeddedPostgresOptions & Pick<ServerStart, "log">,
): Promise<{ readonly port: number; readonly server: ServerProcess }> {
  const logFile = join(folder, "postgres.log")
  for (let left = triesForPort; ; left--) {
    const port = await choosePort(options.port)
    try {
      const settings = { ...common, ...(options.durability === "off" ? careless : {}) }
      return { port, server: await startServer({ data, program, prefix, port, settings, logFile, log: options.log, signal }) }
    } catch (error) {
      signal?.throwIfAborted()
      const taken = error instanceof Error && error.message.includes("Address already in use")
      if (!taken || left === 1) throw error
    }
  }
}

const common = {
  max_connections: "300",
  shared_buffers: "64MB",
  // No replication from a development server, so less is written.
  wal_level: "minimal",
  max_wal_senders: "0",
  io_method: "sync",
  huge_pages: "off",
  jit: "off",
  log_timezone: "UTC",
  timezone: "UTC",
  log_lock_waits: "on",
  log_checkpoints: "off",
  // After a crash of one of its processes whoever keeps it begins it anew. When it does so itself, and there is no room on the disk for
  // that, it may go on for good without recovering, and let nobody in.
  restart_after_crash: "off",
}

// Commits still reach the operating system, so that they survive a crash of the server, though not one of the machine.
const careless = { fsync: "off", full_page_writes: "off" }
