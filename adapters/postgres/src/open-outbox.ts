import type { Outbox } from "@hanok/contract"
import { Client, escapeIdentifier } from "pg"
import { connectFaultOf, faultOf } from "./connection/database-error.ts"
import { settingsOf } from "./connection/settings.ts"
import { createOutbox } from "./outbox.ts"

export interface OpenOutboxOptions {
  /** Of a user who may act for the modules' roles: that of `DATABASE_URL`. */
  readonly url: string
  readonly module: string
}

export interface OpenOutbox {
  readonly outbox: Outbox
  close(): Promise<void>
}

const connectMs = 5_000
const statementMs = 30_000

/**
 * A module's outbox for whoever looks after it, beside its services: nothing is made or migrated, and no secret is needed.
 * Resolves to `undefined` when the module has none in that database. Rejects with a `Fault` when the database cannot be reached.
 */
export async function openOutbox({ url, module }: OpenOutboxOptions): Promise<OpenOutbox | undefined> {
  const { ownerUrl, schema, role, server } = settingsOf({ module, env: {} }, url)
  const client = new Client({
    connectionString: ownerUrl,
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
  const close = () => client.end().catch(() => undefined)
  try {
    await client.connect().catch((error: unknown) => Promise.reject(connectFaultOf(error, server)))
    // Not as the connection begins: poolers take no settings there.
    await ask(`set statement_timeout = ${statementMs}`)
    const table = `${escapeIdentifier(schema)}.hanok_outbox`
    const [found] = await ask("select to_regclass($1) is not null as there", [table])
    if (found?.["there"] === true) {
      await ask(`set role ${escapeIdentifier(role)}`)
      await ask(`set search_path = ${escapeIdentifier(schema)}`)
      return { outbox: createOutbox(ask), close }
    }
  } catch (error) {
    await close()
    throw error
  }
  await close()
  return undefined
}
