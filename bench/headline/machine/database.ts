import { readdirSync, readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createEmbeddedPostgres } from "@hanok/postgres/embedded"
import { Client } from "pg"
import { cores, pin } from "./child.ts"
import { familyCpuMs } from "./process-figures.ts"

/** A PostgreSQL for the time of the measurement, on the client's core: as if it ran on another machine. */
export interface Database {
  /** The URL of a new and empty database of that name. */
  create(name: string): Promise<string>
  /** CPU time that PostgreSQL has used so far, in milliseconds. */
  cpuMs(): number
  stop(): Promise<void>
}

export async function startDatabase(): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), "hanok-headline-"))
  const server = await createEmbeddedPostgres({ folder, durability: "off" })
  const pid = await postmasterOf(server.url)
  pin(pid, cores.client)
  return {
    async create(name) {
      await ask(server.url, `create database "${name}"`)
      const url = new URL(server.url)
      url.pathname = `/${name}`
      return url.href
    },
    cpuMs: () => familyCpuMs(pid),
    async stop() {
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

// Each connection has a process of its own below the postmaster. Those that there are already are found by their parent.
async function postmasterOf(url: string): Promise<number> {
  const [row] = await ask(url, "select pg_backend_pid() as pid, current_setting('data_directory') as folder")
  const [pid = ""] = readFileSync(join(String(row?.["folder"]), "postmaster.pid"), "utf8").split("\n")
  if (readdirSync("/proc").includes(pid)) return Number(pid)
  throw new Error(`PostgreSQL's process ${pid} cannot be seen here.`)
}

async function ask(url: string, text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Readonly<Record<string, unknown>>>(text)).rows
  } finally {
    await client.end()
  }
}
