import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { isFault } from "@hanok/contract"
import type { Adapter, Outbox } from "@hanok/contract"
import { openOutbox, ownUrlOf } from "@hanok/postgres"
import type { OpenOutbox, OpenOutboxOptions } from "@hanok/postgres"
import { runningPostgresUrl } from "@hanok/postgres/embedded"
import { CliError, messageOf } from "../cli-error.ts"
import { dataFolderOf } from "../config/find-configuration.ts"
import { loadTopology } from "../config/load-topology.ts"

export interface WhereOutboxes {
  readonly config?: string
  readonly data?: string
}

/** Modules that keep their events in PostgreSQL, by name, and how to work on the outbox of one, in each of its databases that has one. */
export interface Outboxes {
  readonly modules: readonly string[]
  with<T>(module: string, work: (outbox: Outbox) => Promise<T>): Promise<readonly T[]>
}

/**
 * Those of the topology, in the databases that the modules' stores name, else in that of `DATABASE_URL` or of the running `hanok dev`.
 * All rejects with a `CliError`.
 */
export async function outboxesOf({ config, data }: WhereOutboxes): Promise<Outboxes> {
  const { topology, file } = await loadTopology(config)
  const urls = new Map(topology.modules.map(({ contract, needs }) => [contract.name, ownUrlsOf(Object.values(needs))]))
  const modules = [...urls.keys()].filter((module) => urls.get(module)?.size)
  if (modules.length === 0)
    throw new CliError(
      "No module of this topology keeps its events in PostgreSQL.",
      "Those in memory are known to their own processes alone, and go with them.",
      2,
    )
  const folder = dataFolderOf({ config: file, data })
  const secret = process.env["HANOK_SECRET"] || (await secretIn(folder))
  return {
    modules,
    async with(module, work) {
      const found = []
      for (const url of urls.get(module) ?? [])
        found.push(await worked({ url: url ?? (await databaseUrl(join(folder, "postgres"))), module, secret }, work))
      return found.filter((one) => one !== undefined)
    },
  }
}

// Two stores of a module in one database have one outbox.
function ownUrlsOf(needs: readonly Adapter<unknown>[]): ReadonlySet<string | undefined> {
  return new Set(needs.filter(({ technology }) => technology === "postgres").map(ownUrlOf))
}

// That of `hanok dev`, which has made one when it has run.
async function secretIn(folder: string): Promise<string | undefined> {
  return (await readFile(join(folder, "secret"), "utf8").catch(() => "")).trim() || undefined
}

async function databaseUrl(folder: string): Promise<string> {
  const url = process.env["DATABASE_URL"] || (await runningPostgresUrl(folder))
  if (url) return url
  throw new CliError("No `hanok dev` with a database is running here.", "Start it, or name a database with DATABASE_URL.", 3)
}

async function worked<T>(where: OpenOutboxOptions, work: (outbox: Outbox) => Promise<T>): Promise<T | undefined> {
  let open: OpenOutbox | undefined
  try {
    open = await openOutbox(where)
    return open && (await work(open.outbox))
  } catch (error) {
    if (isFault(error)) throw new CliError(error.message, error.hint, error.code === "INVALID_INPUT" ? 2 : 3)
    throw new CliError(`The events of ${where.module} cannot be had: ${messageOf(error)}`, "", 3)
  } finally {
    await open?.close()
  }
}

/** The module, if it is one of them; a `CliError` otherwise. */
export function known(module: string, { modules }: Outboxes): string {
  if (modules.includes(module)) return module
  throw new CliError(`There is no module ${module} that keeps its events in PostgreSQL.`, `There are: ${modules.join(", ")}`, 2)
}
