import { setTimeout as sleep } from "node:timers/promises"
import type { Logger } from "@hanok/contract"
import { escapeIdentifier } from "pg"
import type { ClientBase, QueryConfig } from "pg"
import { isDatabaseError, isLockTimeout } from "../connection/database-error.ts"
import type { Settings } from "../connection/settings.ts"
import { checksumOf, pendingOf } from "./migration.ts"
import type { Migration } from "./migration.ts"
import { ownMigrations } from "./own-tables.ts"

const table = "hanok_migration"
/** No limit: the longest that a timer can be set to, in milliseconds. */
const unlimitedMs = 2_147_483_647
const rollBackMs = 1_000
/** How long a migration waits for a lock, where it does not say itself: behind it wait all others who want that table, even to read. */
const lockMs = 2_000
/** How long it lets them go on before it tries again, and for how long it does so. */
const pauseMs = 4_000
const patienceMs = 60_000

type Query = (text: string) => Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>

/**
 * What was applied to the schema, by name; `undefined` when it has never been migrated or cannot be seen. It is looked for by the search
 * path, as what the module's statements name is: a dump of a database does not bring the settings that its roles have there.
 */
export async function appliedMigrations(query: Query): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const { rows } = await query(`select name, checksum from ${table}`)
    return new Map(rows.map((row) => [String(row["name"]), String(row["checksum"])]))
  } catch (error) {
    // undefined_table, insufficient_privilege
    if (isDatabaseError(error) && ["42P01", "42501"].includes(error.code)) return undefined
    throw error
  }
}

/** What is left to apply of the adapter's own migrations and the module's. */
export function allPending(module: string, migrations: readonly Migration[], applied: ReadonlyMap<string, string>): readonly Migration[] {
  return [...pendingOf(module, ownMigrations, applied), ...pendingOf(module, migrations, applied)]
}

/** Applies what is left, each migration in a transaction of its own. `client` is the module's own; to be called under the module's lock. */
export async function migrate(client: ClientBase, settings: Settings, migrations: readonly Migration[], log: Logger): Promise<void> {
  const { module, schema, role } = settings
  await inSchema(
    client,
    schema,
    `create table if not exists ${table} (
    name text primary key, checksum text not null, applied_at timestamptz not null default clock_timestamp())`,
  )
  const applied = await appliedMigrations((text) => client.query(text))
  if (applied === undefined)
    throw new Error(`What is in the schema ${schema} does not belong to the role ${role}: it may not read ${table}.`)
  for (const migration of allPending(module, migrations, applied)) {
    await patiently(() => inSchema(client, schema, migration.text, migration), log)
    // A module's own author knows the module's; of ours there are as many again for each module.
    log[ownMigrations.includes(migration) ? "debug" : "info"]("migration applied", { migration: migration.name, schema })
  }
}

/** A statement whose answer is waited for that long, in milliseconds, in place of what its connection allows. */
export function waitingFor(timeoutMs: number, text: string, values: string[] = []): QueryConfig {
  // pg knows this limit; its types do not.
  const query = { text, values, query_timeout: timeoutMs }
  return query
}

async function inSchema(client: ClientBase, schema: string, text: string, migration?: Migration): Promise<void> {
  // Not within the transaction: a migration that ends it itself goes on in the same schema.
  await client.query(`set search_path = ${escapeIdentifier(schema)}`)
  await client.query(`begin; set local lock_timeout = ${lockMs}`)
  try {
    await client.query(waitingFor(unlimitedMs, text))
    if (migration) {
      const values = [migration.name, checksumOf(migration)]
      await client.query(`insert into ${escapeIdentifier(schema)}.${table} (name, checksum) values ($1, $2)`, values)
    }
    await client.query("commit")
  } catch (error) {
    await client.query(waitingFor(rollBackMs, "rollback")).catch(() => undefined)
    throw migration && isDatabaseError(error) ? failed(migration, error) : error
  }
}

// What was waited for may be held for hours, as by a dump; and that is told while the migration is tried.
async function patiently(work: () => Promise<void>, log: Logger): Promise<void> {
  for (const until = Date.now() + patienceMs; ; await sleep(pauseMs, undefined, { ref: false })) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Error) || !isLockTimeout(error.cause) || Date.now() + pauseMs > until) throw error
      log.warn("a migration waits for a lock that others hold; it is tried again", { error: error.message })
    }
  }
}

function failed({ name, text }: Migration, error: Error): Error {
  const position = "position" in error && typeof error.position === "string" ? Number(error.position) : undefined
  const line = position === undefined ? "" : ` at line ${text.slice(0, position).split("\n").length}`
  return new Error(`The migration ${name} failed${line} and was rolled back: ${error.message}.`, { cause: error })
}
