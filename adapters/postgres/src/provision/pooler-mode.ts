import type { Logger } from "@hanok/contract"
import type { ClientBase, ClientConfig } from "pg"
import { DatabaseClient } from "../connection/database-client.ts"
import type { Settings } from "../connection/settings.ts"

const looks = 3
const lookMs = 2_000

/** Throws when a pooler is in transaction mode: locks would stay behind, and a migration could be carried out as the owner, in the schema of all. */
export async function checkPoolerMode(client: ClientBase, config: ClientConfig, server: string): Promise<void> {
  const trouble = await poolerTrouble(client, config, server)
  if (trouble !== undefined) throw new Error(trouble)
}

/** Where nothing is left to be made: tells in the log of a pooler in transaction mode, as the module meets it. Never rejects. */
export async function tellOfPooler({ module, moduleUrl, server }: Settings, log: Logger): Promise<void> {
  const config = { connectionString: moduleUrl, application_name: `hanok ${module} (looking)` }
  const client = new DatabaseClient({ ...config, connectionTimeoutMillis: lookMs, query_timeout: lookMs })
  client.on("error", () => undefined)
  try {
    await client.connect()
    const trouble = await poolerTrouble(client, config, server)
    if (trouble !== undefined) log.warn(trouble)
  } catch (error) {
    log.debug("a pooler's mode cannot be found out", { error: String(error) })
  } finally {
    await client.end().catch(() => undefined)
  }
}

/**
 * What is to be told when whoever stands between gives each transaction another connection to the server, as a pooler in transaction mode
 * does. Two clients have one connection then, or one has two: at once, or, where others come in between, at one of a few looks.
 */
async function poolerTrouble(client: ClientBase, config: ClientConfig, server: string): Promise<string | undefined> {
  // A pooler has numbers of its own for those who connect.
  if ("processID" in client && client.processID === (await connectionOf(client))) return undefined
  const other = new DatabaseClient({ ...config, connectionTimeoutMillis: lookMs, query_timeout: lookMs })
  other.on("error", () => undefined)
  try {
    // A pooler that keeps one for each client may have none left.
    const isShared = await other.connect().then(
      () => share(client, other),
      () => false,
    )
    return isShared ? `PostgreSQL at ${server} is reached through a pooler ${inTransactionMode}` : undefined
  } finally {
    await other.end().catch(() => undefined)
  }
}

const inTransactionMode =
  "that gives each transaction another connection. Have it keep one for each client (session mode), or connect directly."

async function share(client: ClientBase, other: ClientBase): Promise<boolean> {
  for (let look = 1; look <= looks; look++) {
    const own = await connectionOf(client)
    const begun = other.query("begin").then(() => connectionOf(other))
    const others = await begun.catch(() => undefined)
    if (others === undefined) return false
    const isShared = others === own || (await connectionOf(client)) !== own
    // Who leaves in the middle of a transaction has the pooler throw away a connection of others, too.
    await other.query("rollback")
    if (isShared) return true
  }
  return false
}

async function connectionOf(client: ClientBase): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid")
  return rows[0]?.pid
}
