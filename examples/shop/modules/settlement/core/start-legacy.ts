import { fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { fileURLToPath } from "node:url"
import { Client } from "pg"

export interface LegacyStart {
  /** Any database of a PostgreSQL server, with a user who may create databases: the core gets one of its own beside it. */
  readonly databaseUrl: string
  /** A free one when not given. */
  readonly port?: number
  /** Gets what the program prints, a line at a time. */
  readonly log?: (line: string) => void
}

export interface RunningLegacy {
  /** For example `http://127.0.0.1:8090`. */
  readonly url: string
  /** Its process id. */
  readonly pid: number
  /** Settles when it has ended, by itself or by `close`. */
  readonly ended: Promise<void>
  /** Stops the program, and resolves when it has ended. */
  close(): Promise<void>
}

const program = fileURLToPath(new URL("../../../legacy/server.cjs", import.meta.url))
const legacyDatabase = "legacy_settlement"
const startMs = 20_000

/**
 * Runs the old settlement core as a program of its own. It ends with this process, however that ends.
 * Rejects with the last that the program said when it does not come up.
 */
export async function startLegacy({ databaseUrl, port = 0, log }: LegacyStart): Promise<RunningLegacy> {
  const env = { ...process.env, PORT: String(port), HOST: "127.0.0.1", LEGACY_DATABASE_URL: await databaseBeside(databaseUrl) }
  const child = fork(program, { env, stdio: ["ignore", "pipe", "pipe", "ipc"], execArgv: [] })
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()))
  const said = listen(child, log)
  try {
    const taken = await portOf(child, said)
    const close = () => stop(child, ended)
    return { url: `http://127.0.0.1:${taken}`, pid: child.pid ?? 0, ended, close }
  } catch (error) {
    await stop(child, ended)
    throw error
  }
}

async function databaseBeside(databaseUrl: string): Promise<string> {
  const url = new URL(databaseUrl)
  const client = new Client({ connectionString: url.href })
  await client.connect()
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [legacyDatabase])
    if (rowCount === 0) await client.query(`create database ${legacyDatabase}`).catch(unlessThere)
  } finally {
    await client.end()
  }
  url.pathname = `/${legacyDatabase}`
  return url.href
}

// Another process was faster: duplicate_database, or the unique index of the catalog.
function unlessThere(error: unknown): void {
  const code = error instanceof Error && "code" in error ? error.code : undefined
  if (code !== "42P04" && code !== "23505") throw error
}

/** The last lines it said, for when it fails. */
function listen(child: ChildProcess, log: ((line: string) => void) | undefined): readonly string[] {
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      const lines = text.split("\n").filter((line) => line.trim() !== "")
      said.push(...lines)
      said.splice(0, said.length - 10)
      for (const line of lines) log?.(line)
    })
  }
  return said
}

function portOf(child: ChildProcess, said: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (what: string) => reject(new Error(`The old settlement core ${what}. It said: ${said.join(" / ") || "nothing"}`))
    const timer = setTimeout(() => fail(`did not come up within ${startMs} ms`), startMs)
    child.once("message", (message) => {
      clearTimeout(timer)
      // What `server.cjs` sends when it listens.
      resolve((message as { readonly port: number }).port)
    })
    child.once("close", (code) => {
      clearTimeout(timer)
      fail(`ended with code ${code}`)
    })
    child.once("error", (error) => {
      clearTimeout(timer)
      fail(`could not be started: ${error.message}`)
    })
  })
}

const patienceMs = 6_000

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const forcing = setTimeout(() => child.kill("SIGKILL"), patienceMs)
  child.kill("SIGTERM")
  await ended
  clearTimeout(forcing)
}
