import { Fault } from "@hanok/contract"
import type { Logger } from "@hanok/contract"
import type { ClientBase } from "pg"
import { DatabaseClient } from "../connection/database-client.ts"
import { connectFaultOf, isDatabaseError, isNotLetIn } from "../connection/database-error.ts"
import type { Settings } from "../connection/settings.ts"
import { migrate, waitingFor } from "./migrate.ts"
import type { Migration } from "./migration.ts"
import { checkPoolerMode } from "./pooler-mode.ts"
import { provideRole } from "./role.ts"

const connectMs = 5_000
/** How long one replica waits for another that is migrating. */
const lockMs = 60_000
/** How long a statement is waited for; but for a migration's own, which may take its time. */
const answerMs = lockMs + 15_000
/** How long the server keeps the locks of somebody who asks nothing more, and may be gone without its having heard of it. */
const idleMs = 30_000
/** In place of what the database, its roles or the URL have for others: a migration takes as long as it takes. */
const limits = {
  lock_timeout: lockMs,
  statement_timeout: 0,
  transaction_timeout: 0,
  idle_session_timeout: idleMs,
  idle_in_transaction_session_timeout: idleMs,
} as const
/** How often the server looks, in the middle of a statement, whether whoever asked is still there. */
const lookMs = 2_000
const leavingMs = 1_000

/**
 * Makes role and schema, as the owner, and applies what migrations are left, as the module itself: what is in its schema runs while they are
 * applied, and on a connection of the owner it could become the owner again. Many replicas may call it at once.
 */
export async function provision(settings: Settings, migrations: readonly Migration[], log: Logger): Promise<void> {
  const { server, schema } = settings
  const unreachable = (error: unknown) => connectFaultOf(error, server)
  await connected(settings, settings.ownerUrl, unreachable, async (client) => {
    await checkEncoding(client, settings)
    // Roles and rights are kept in tables of the whole database, in which two at once would trip over each other.
    await underLock(client, "hanok provisioning", () => provideRole(client, settings))
  })
  const notLetIn = (error: unknown) => (isNotLetIn(error) ? cannotLogIn(settings, error.message) : unreachable(error))
  await connected(settings, settings.moduleUrl, notLetIn, (client) =>
    underLock(client, `hanok migrations of ${schema}`, () => migrate(client, settings, migrations, log)),
  )
}

/** What is told when the role is there by now, and of no use. */
export function cannotLogIn({ role, server }: Settings, missing: string): Error {
  return new Error(
    `The role ${role} was made in PostgreSQL at ${server}, but cannot log in or see its tables: ${missing}. ` +
      `Check the server's pg_hba.conf, and that a pooler before it asks the server for its users.`,
  )
}

async function connected(
  { module, server }: Settings,
  connectionString: string,
  notConnected: (error: unknown) => unknown,
  work: (client: ClientBase) => Promise<void>,
): Promise<void> {
  const config = {
    connectionString,
    application_name: `hanok ${module} (provisioning)`,
    connectionTimeoutMillis: connectMs,
    query_timeout: answerMs,
  }
  const client = new DatabaseClient(config)
  client.on("error", () => undefined)
  try {
    await client.connect().catch((error: unknown) => Promise.reject(notConnected(error)))
    // Before anything is set, which would be left to others there.
    await checkPoolerMode(client, config, server)
    // Nothing that a module may have put into another schema stands in for what is the database's own.
    await client.query("set search_path = pg_catalog")
    // Not as the connection begins: poolers take no settings there. Older servers do not have them all.
    const wanted = "json_each_text($1) as wanted where key in (select name from pg_settings)"
    await client.query(`select set_config(key, value, false) from ${wanted}`, [JSON.stringify(limits)])
    // From PostgreSQL 14 on, and not on every system. Otherwise a migration would run to its end for nobody, while the next start waits for it.
    await client.query(`set client_connection_check_interval = ${lookMs}`).catch(() => undefined)
    await work(client)
  } catch (error) {
    if (!(error instanceof Error) || error.message !== "Query read timeout") throw error
    const message = `PostgreSQL at ${server} did not answer within ${answerMs} ms.`
    throw new Fault("UNAVAILABLE", message, { cause: error, retryAfterMs: 500 })
  } finally {
    await client.end().catch(() => undefined)
  }
}

// In others there are texts that cannot be kept: work would be done, and its answer or its event refused. SQL_ASCII keeps what it gets.
async function checkEncoding(client: ClientBase, { database, server }: Settings): Promise<void> {
  const { rows } = await client.query<{ encoding: string }>("select current_setting('server_encoding') as encoding")
  const encoding = rows[0]?.encoding ?? ""
  if (["UTF8", "SQL_ASCII"].includes(encoding)) return
  throw new Error(
    `The database ${database} in PostgreSQL at ${server} keeps texts in ${encoding}, which does not have all characters. ` +
      `Make one with encoding 'UTF8' (create database … encoding 'UTF8' template template0), and name it in DATABASE_URL.`,
  )
}

async function underLock(client: ClientBase, name: string, work: () => Promise<void>): Promise<void> {
  const key = "hashtextextended($1, 0)"
  try {
    await client.query(`select pg_advisory_lock(${key})`, [name])
  } catch (error) {
    if (!isDatabaseError(error, "55P03")) throw error
    throw new Error(`Another process holds the lock "${name}" for more than ${lockMs / 1000} s; a long migration may be under way.`, {
      cause: error,
    })
  }
  try {
    await work()
  } finally {
    // If the connection is gone, so is the lock; if it does not answer, it is broken off.
    await client.query(waitingFor(leavingMs, `select pg_advisory_unlock(${key})`, [name])).catch(() => undefined)
  }
}
