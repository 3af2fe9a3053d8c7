import { Fault } from "@hanok/contract"
import type { Outbox } from "@hanok/contract"
import { escapeIdentifier } from "pg"
import { DatabaseClient } from "./connection/database-client.ts"
import { connectFaultOf, faultOf, isNotLetIn } from "./connection/database-error.ts"
import { settingsOf } from "./connection/settings.ts"
import type { Settings } from "./connection/settings.ts"
import { createOutbox } from "./outbox.ts"

export interface OpenOutboxOptions {
  /** Of a user who may look into the modules' schemas: that of `DATABASE_URL`. */
  readonly url: string
  readonly module: string
  /** The `HANOK_SECRET` of the module's services: with it the module's own login is known. */
  readonly secret: string | undefined
}

export interface OpenOutbox {
  readonly outbox: Outbox
  close(): Promise<void>
}

const connectMs = 5_000
const statementMs = 30_000

/**
 * A module's outbox for whoever looks after it, beside its services: nothing is made or migrated. It is worked on as the module itself:
 * on a connection of the owner, what is in the module's schema could act for the owner.
 * Resolves to `undefined` when the module has none in that database. Rejects with a `Fault` when the database cannot be reached.
 */
export async function openOutbox({ url, module, secret }: OpenOutboxOptions): Promise<OpenOutbox | undefined> {
  const settings = settingsOf({ module, env: { HANOK_SECRET: secret } }, url)
  const owner = await connect(settings, settings.ownerUrl)
  try {
    const table = `${escapeIdentifier(settings.schema)}.hanok_outbox`
    const [found] = await owner.ask("select pg_catalog.to_regclass($1) is not null as there", [table])
    if (found?.["there"] !== true) return undefined
  } finally {
    await owner.close()
  }
  const { ask, close } = await connect(settings, settings.moduleUrl)
  return { outbox: createOutbox(ask), close }
}

async function connect({ module, schema, server, role, moduleUrl }: Settings, connectionString: string) {
  const client = new DatabaseClient({
    connectionString,
    application_name: `hanok ${module} (events)`,
    connectionTimeoutMillis: connectMs,
  })
  client.on("error", () => undefined)
  const ask = async (text: string, values: readonly unknown[] = []) => {
    try {
      return (await client.query<Readonly<Record<string, unknown>>>(text, [...values])).rows
    } catch (error) {
      throw faultOf(error, server)
    }
  }
  const isOwn = connectionString === moduleUrl
  const close = () => client.end().catch(() => undefined)
  try {
    await client.connect()
    // Not as the connection begins: poolers take no settings there.
    await ask(`set statement_timeout = ${statementMs}`)
    await ask(`set search_path = ${isOwn ? escapeIdentifier(schema) : "pg_catalog"}`)
    return { ask, close }
  } catch (error) {
    await close()
    throw isOwn && isNotLetIn(error) ? anotherSecret(role, server, error) : connectFaultOf(error, server)
  }
}

function anotherSecret(role: string, server: string, cause: Error): Fault {
  return new Fault("UNAVAILABLE", `PostgreSQL at ${server} does not let the role ${role} in: ${cause.message}.`, {
    cause,
    hint: "Set HANOK_SECRET to that of the module's services: its login is made from it.",
  })
}
