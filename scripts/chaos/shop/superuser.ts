import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Client } from "pg"

export type Row = Readonly<Record<string, unknown>>
export type Ask = (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>

/** PostgreSQL as its administrator has it. */
export interface Superuser {
  /** The postmaster's process id; `undefined` while there is none. */
  pid(): Promise<number | undefined>
  /** Works on one connection. Rejects when the server cannot be reached within five seconds. */
  connected<T>(database: string, work: (ask: Ask) => Promise<T>): Promise<T>
}

/** Of the embedded server in that folder. */
export function superuserOf(folder: string): Superuser {
  const lockFile = join(folder, "cluster/data/postmaster.pid")
  const linesOf = async () => (await readFile(lockFile, "utf8").catch(() => "")).split("\n")
  return {
    async pid() {
      const pid = Number((await linesOf())[0])
      return pid > 0 ? pid : undefined
    },
    async connected(database, work) {
      const password = (await readFile(join(folder, "cluster/password"), "utf8")).trim()
      const client = await connectedSoon(async () => {
        const port = Number((await linesOf())[3])
        return new Client({ host: "127.0.0.1", port, user: "postgres", password, database, connectionTimeoutMillis: connectMs })
      })
      try {
        return await work(async (text, values) => (await client.query<Row>(text, values ? [...values] : undefined)).rows)
      } finally {
        await client.end().catch(() => undefined)
      }
    },
  }
}

const connectMs = 5_000

// A server that starts refuses connections, and may have another port by then.
async function connectedSoon(make: () => Promise<Client>): Promise<Client> {
  const until = performance.now() + connectMs
  for (;;) {
    const client = await make()
    client.on("error", () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => undefined)
      if (performance.now() > until) throw error
      await sleep(100)
    }
  }
}
