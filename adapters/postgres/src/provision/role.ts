import { escapeIdentifier, escapeLiteral } from "pg"
import type { ClientBase } from "pg"
import { isDatabaseError } from "../connection/database-error.ts"
import { loginSettings } from "../connection/settings.ts"
import type { Settings } from "../connection/settings.ts"
import { scramVerifier } from "./scram.ts"

/**
 * Makes the module's role and schema if they are missing, and gives the role its password. The role owns its schema
 * and has no right to any other; nothing of what others have in the database is changed.
 * To be called under the lock of the database.
 */
export async function provideRole(client: ClientBase, settings: Settings): Promise<void> {
  const role = escapeIdentifier(settings.role)
  const schema = escapeIdentifier(settings.schema)
  await withExplanation(settings, async () => {
    if (!(await exists(client, "select from pg_roles where rolname = $1", settings.role))) {
      await client.query(`create role ${role} login noinherit connection limit -1`)
    }
    // An owner that is no superuser may act for the role only as a member of it. Also of one that a start which was killed has left.
    await client.query(`grant ${role} to current_user`)
    await client.query(`alter role ${role} password ${escapeLiteral(scramVerifier(settings.password))}`)
    const connect = "select has_database_privilege($1, current_database(), 'connect') as may"
    const [row] = (await client.query<{ may: boolean }>(connect, [settings.role])).rows
    // It comes to all from PUBLIC, where that was not taken away.
    if (!row?.may) await client.query(`grant connect on database ${escapeIdentifier(settings.database)} to ${role}`)
    const inDatabase = `alter role ${role} in database ${escapeIdentifier(settings.database)}`
    await client.query(`${inDatabase} set search_path = ${schema}`)
    for (const [name, value] of Object.entries(loginSettings)) await client.query(`${inDatabase} set ${name} = ${escapeLiteral(value)}`)
    await client.query(`create schema if not exists ${schema} authorization ${role}`)
  })
  await checkOwner(client, settings)
}

// A schema of that name may have been there before, with other things in it.
async function checkOwner(client: ClientBase, { module, schema, role, database }: Settings): Promise<void> {
  const { rows } = await client.query<{ owner: string }>("select pg_get_userbyid(nspowner) as owner from pg_namespace where nspname = $1", [
    schema,
  ])
  const owner = rows[0]?.owner
  if (owner === role) return
  throw new Error(
    `The schema ${schema} of the database ${database} belongs to ${owner ?? "nobody"}, not to the module ${module}. ` +
      `If it is the module's, ${waysBack(owner, role)}. If not, rename it, or give the module another name or database.`,
  )
}

// A module's role has the names of the database and of the module in its own.
function waysBack(owner: string | undefined, role: string): string {
  if (owner?.startsWith("hanok_"))
    return `from before the database was copied, or it or the module renamed, run in this database: reassign owned by ${escapeIdentifier(owner)} to ${escapeIdentifier(role)}`
  return `from a dump, drop it and restore it with what it belongs to, the role ${role}, which was made by now`
}

async function withExplanation({ server, role }: Settings, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isDatabaseError(error, "42501")) throw error
    const hint = "The user of DATABASE_URL has to be a superuser, or have CREATEROLE and the right to CREATE in the database."
    throw new Error(`The role ${role} or its schema could not be made in PostgreSQL at ${server}: ${error.message}. ${hint}`, {
      cause: error,
    })
  }
}

async function exists(client: ClientBase, text: string, value: string): Promise<boolean> {
  return (await client.query(text, [value])).rows.length > 0
}
