import { setTimeout as sleep } from "node:timers/promises"
import { Fault } from "@hanok/contract"
import type { Context, Logger } from "@hanok/contract"
import { Pool } from "pg"
import type { PoolClient } from "pg"
import { connectFaultOf } from "./database-error.ts"
import { DatabaseClient } from "./database-client.ts"
import { Session, tellEnding } from "./session.ts"
import type { Settings } from "./settings.ts"
import { createFindSilence } from "./silence.ts"
import type { FindSilence } from "./silence.ts"
import { createStatements } from "./statement.ts"
import { untilAborted } from "./until-aborted.ts"
import { valueTypes } from "./value-types.ts"

/** A module's connections to its database. */
export interface Connections {
  /** A connection for one caller, to be released. Waits for one to be free, no longer than the context allows. */
  acquire(context: Context | undefined): Promise<Session>
  /** Whether there are as many as there may be, and callers have every one: the server has let each of them in. */
  readonly areAllInUse: boolean
  /** Waits for connections in use to be released, but not for long: then they are broken off. */
  close(): Promise<void>
}

/** How long a caller waits for a connection when its deadline allows more. */
const longestWaitMs = 5_000
const idleMs = 30_000
/** Beyond that many in the queue, a newcomer would wait longer than it could: it is told at once. */
const longestQueue = 1_000

/** `leftBehind` is called when one is given up while a statement is under way on it. */
export function createConnections(settings: Settings, poolSize: number, log: Logger, leftBehind: () => void): Connections {
  const pool = new Pool({
    Client: DatabaseClient,
    connectionString: settings.moduleUrl,
    application_name: `hanok ${settings.module}`,
    max: poolSize,
    idleTimeoutMillis: idleMs,
    connectionTimeoutMillis: longestWaitMs,
    allowExitOnIdle: true,
    types: valueTypes,
  })
  // A connection that breaks while nobody uses it is dropped by the pool; one in use fails its statement.
  pool.on("error", (error) => log.debug("an idle database connection ended", { error: error.message }))
  const clients = new Set<PoolClient>()
  pool.on("connect", (client) => clients.add(client.on("error", (error) => tellEnding(client, error))))
  pool.on("remove", (client) => clients.delete(client))
  const statements = createStatements(settings)
  const queue: Queue = { waiting: 0 }
  const open = { pool, clients, settings, findSilence: createFindSilence(settings, log) }
  return {
    async acquire(context) {
      const client = await checkOut(open, queue, context)
      return new Session(client, context, statements, settings.server, leftBehind)
    },
    get areAllInUse() {
      return pool.idleCount === 0 && clients.size === poolSize
    },
    close: () => closePool(pool, clients),
  }
}

async function closePool(pool: Pool, clients: ReadonlySet<PoolClient>): Promise<void> {
  const late = new AbortController()
  const breakOff = sleep(longestWaitMs, undefined, { signal: late.signal }).then(
    () => Promise.allSettled([...clients].map((client) => client.end())),
    () => undefined,
  )
  await Promise.race([pool.end().finally(() => late.abort()), breakOff])
}

interface Open {
  readonly pool: Pool
  /** Those of the pool that are connected. */
  readonly clients: ReadonlySet<PoolClient>
  readonly settings: Settings
  readonly findSilence: FindSilence
}

/** Of callers: the pool's own queue still has those who have left, until it comes to them. */
interface Queue {
  waiting: number
}

async function checkOut(open: Open, queue: Queue, context: Context | undefined): Promise<PoolClient> {
  const { pool, settings } = open
  if (pool.idleCount > pool.waitingCount) return connect(open, context)
  if (queue.waiting >= longestQueue) throw queueFull(settings, pool, `${queue.waiting} already wait`)
  const span = context?.startSpan("pool wait", "internal", {
    "db.client.connection.pool.name": settings.role,
    "db.client.connection.max": pool.options.max,
    "db.client.connection.pending_requests": queue.waiting,
  })
  queue.waiting++
  try {
    const client = await connect(open, context)
    span?.end()
    return client
  } catch (error) {
    span?.end(error)
    throw error
  } finally {
    queue.waiting--
  }
}

async function connect({ pool, clients, settings, findSilence }: Open, context: Context | undefined): Promise<PoolClient> {
  const connecting = pool.connect()
  try {
    return await untilAborted(connecting, context?.signal)
  } catch (error) {
    // One that comes after its caller has gone goes to the next.
    connecting.then(
      (client) => client.release(),
      () => undefined,
    )
    if (!(error instanceof Error) || error.message !== "timeout exceeded when trying to connect")
      throw connectFaultOf(error, settings.server)
    // Behind those that wait for an answer of the server themselves.
    if (clients.size < pool.totalCount) throw silent(settings)
    const silence = await untilAborted(findSilence(), context?.signal)
    throw silence ?? queueFull(settings, pool, `none became free within ${longestWaitMs} ms`)
  }
}

function silent({ server }: Settings): Fault {
  return new Fault("UNAVAILABLE", `PostgreSQL at ${server} let nobody in within ${longestWaitMs} ms.`, { retryAfterMs: 500 })
}

function queueFull({ module }: Settings, pool: Pool, why: string): Fault {
  return new Fault("OVERLOADED", `All ${pool.options.max} database connections of the module ${module} are in use, and ${why}.`, {
    retryAfterMs: 1_000,
    hint: "Look at the spans that hold connections longest; raise poolSize only when the statements themselves are quick.",
  })
}
