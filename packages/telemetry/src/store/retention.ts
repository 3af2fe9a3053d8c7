import type { DuckDBConnection } from "@duckdb/node-api"

export interface Retention {
  /** What arrived longer ago is forgotten, in milliseconds; seven days when not given. */
  readonly maxAgeMs?: number
  /** When the database is larger, the oldest fifth is forgotten, until it is not; 1 GB when not given. */
  readonly maxSizeBytes?: number
}

const dayMs = 86_400_000
const shareForgotten = 0.2
/** Eight fifths of what is left, one after another, leave a sixth. */
const mostRounds = 8

/** Forgets what is too old, and the oldest while there is too much. Call it when nothing else uses the connection. */
export async function forgetOld(connection: DuckDBConnection, retention: Retention, nowMs: number): Promise<void> {
  const { maxAgeMs = 7 * dayMs, maxSizeBytes = 1_000_000_000 } = retention
  await forgetBefore(connection, nowMs - maxAgeMs)
  for (let round = 0; round < mostRounds && (await sizeBytes(connection)) > maxSizeBytes; round++) {
    const oldest = await numberOf(
      connection,
      `SELECT quantile_disc(received_ms, ${shareForgotten}) AS number FROM
      (SELECT received_ms FROM spans UNION ALL SELECT received_ms FROM logs)`,
    )
    await forgetBefore(connection, oldest + 1)
    await connection.run("CHECKPOINT")
    if ((await sizeBytes(connection)) > maxSizeBytes) await writeAnew(connection)
  }
}

// A checkpoint frees the room of no row that lies among others that stay: of large rows all there are may lie together.
async function writeAnew(connection: DuckDBConnection): Promise<void> {
  for (const table of ["spans", "logs"]) await connection.run(`CREATE OR REPLACE TABLE ${table} AS FROM ${table}`)
  await connection.run("CHECKPOINT")
}

// The blocks in use: the file itself does not shrink, but what became free in it is used again.
function sizeBytes(connection: DuckDBConnection): Promise<number> {
  return numberOf(connection, "SELECT used_blocks * block_size AS number FROM pragma_database_size() LIMIT 1")
}

async function forgetBefore(connection: DuckDBConnection, receivedMs: number): Promise<void> {
  const before = Math.trunc(receivedMs)
  await connection.run(`DELETE FROM spans WHERE received_ms < ${before}`)
  await connection.run(`DELETE FROM logs WHERE received_ms < ${before}`)
}

async function numberOf(connection: DuckDBConnection, query: string): Promise<number> {
  const reader = await connection.runAndReadAll(query)
  return Number(reader.getRowObjectsJson()[0]?.["number"] ?? 0)
}
