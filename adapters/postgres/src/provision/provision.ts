import type { Logger } from "@hanok/contract"
import { Client } from "pg"
import { isDatabaseError } from "../connection/database-error.ts"
import type { Settings } from "../connection/settings.ts"
import { migrate } from "./migrate.ts"
import type { Migration } from "./migration.ts"
import { provideRole } from "./role.ts"

const connectMs = 5_000
/** How long one replica waits for another that is migrating. */
const lockMs = 60_000

/** As the owner: makes role and schema and applies what migrations are left. Many replicas may call it at once. */
export async function provision(settings: Settings, migrations: readonly Migration[], log: Logger): Promise<void> {
  const client = new Client({
    connectionString: settings.ownerUrl,
    application_name: `hanok ${settings.module} (provisioning)`,
    connectionTimeoutMillis: connectMs,
    lock_timeout: lockMs,
  })
  client.on("error", () => undefined)
  try {
    await client.connect()
    // Roles and rights are kept in tables of the whole database, in which two at once would trip over each other.
    await underLock(client, "hanok provisioning", () => provideRole(client, settings))
    await underLock(client, `hanok migrations of ${settings.schema}`, () => migrate(client, settings, migrations, log))
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function underLock(client: Client, name: string, work: () => Promise<void>): Promise<void> {
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
    // If the connection is gone, so is the lock.
    await client.query(`select pg_advisory_unlock(${key})`, [name]).catch(() => undefined)
  }
}
