import { Client } from "pg"
import type { ClientBase, ClientConfig } from "pg"

const looks = 3
const lookMs = 2_000

/**
 * Throws when whoever stands between gives each transaction another connection to the server, as a pooler in transaction mode does: locks
 * would stay behind, and a migration could be carried out as the owner, in the schema of all. Two clients have one connection then, or
 * one has two: at once, or, where others come in between, at one of a few looks.
 */
export async function checkPoolerMode(client: ClientBase, config: ClientConfig, server: string): Promise<void> {
  // A pooler has numbers of its own for those who connect.
  if ("processID" in client && client.processID === (await connectionOf(client))) return
  const other = new Client({ ...config, connectionTimeoutMillis: lookMs, query_timeout: lookMs })
  other.on("error", () => undefined)
  try {
    // A pooler that keeps one for each client may have none left.
    const isShared = await other.connect().then(
      () => share(client, other),
      () => false,
    )
    if (isShared) throw new Error(`PostgreSQL at ${server} is reached through a pooler ${inTransactionMode}`)
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
    if (others === own || (await connectionOf(client)) !== own) return true
    await other.query("rollback")
  }
  return false
}

async function connectionOf(client: ClientBase): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid")
  return rows[0]?.pid
}
