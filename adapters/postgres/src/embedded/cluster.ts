import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { majorVersion } from "./natives.ts"
import type { Natives } from "./natives.ts"
import { loopback } from "./port.ts"
import { isAlive } from "./process-identity.ts"
import { giveTo } from "./run-as.ts"
import type { RunAs } from "./run-as.ts"

const execute = promisify(execFile)

/** A database cluster on disk. */
export interface Cluster {
  /** PostgreSQL's own data directory. */
  readonly data: string
  readonly password: string
}

export interface MakeCluster {
  readonly durable: boolean
  /** Ends the making. */
  readonly signal: AbortSignal | undefined
}

const superuser = "postgres"

/** Of the owner of everything in the cluster, on that port of this machine. */
export function urlOf(password: string, port: number): string {
  return `postgres://${superuser}:${password}@${loopback}:${port}/postgres`
}

export function dataFolderIn(folder: string): string {
  return join(folder, "cluster", "data")
}

/**
 * The cluster in the folder; made when there is none. It is made under another name and renamed when it is complete,
 * so that a start that was killed half-way leaves nothing to trip over.
 */
export async function openCluster(folder: string, natives: Natives, runAs: RunAs, { durable, signal }: MakeCluster): Promise<Cluster> {
  await removeUnfinished(folder)
  if (!(await isThere(join(folder, "cluster")))) await makeCluster(folder, natives, runAs, { durable, signal })
  const data = dataFolderIn(folder)
  await checkVersion(folder, data)
  await giveTo(runAs, data)
  return { data, password: await readPassword(folder) }
}

async function makeCluster(folder: string, natives: Natives, runAs: RunAs, { durable, signal }: MakeCluster): Promise<void> {
  const unfinished = await mkdtemp(join(folder, `.new-${process.pid}-`))
  const password = join(unfinished, "password")
  await writeFile(password, randomBytes(24).toString("base64url"), { mode: 0o600 })
  await giveTo(runAs, password)
  await giveTo(runAs, unfinished)
  const [command = "", ...words] = [...runAs.prefix, natives.initdb, ...initdbOptions(unfinished), ...(durable ? [] : ["--no-sync"])]
  const making = execute(command, words, { cwd: "/", timeout: 120_000, killSignal: "SIGKILL", signal })
  const ended = new Promise((resolve) => making.child.once("close", resolve))
  try {
    await making
  } catch (cause) {
    // Whoever asks for the end hears of it before the process has ended, and a server that initdb was using ends a moment after it.
    if (making.child.pid !== undefined) await ended
    await rm(unfinished, { recursive: true, force: true, maxRetries: 10 })
    signal?.throwIfAborted()
    const said = cause instanceof Error ? cause.message.trim() : String(cause)
    throw new Error(`A new database could not be made in ${folder}. Look at what initdb said:\n${said}`, { cause })
  }
  await rename(unfinished, join(folder, "cluster")).catch(async (error: unknown) => {
    await rm(unfinished, { recursive: true, force: true })
    // Another process may have been quicker: then its cluster is as good.
    if (!(await isThere(dataFolderIn(folder)))) throw error
  })
}

function initdbOptions(unfinished: string): readonly string[] {
  const locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
  const access = ["--username", superuser, "--pwfile", join(unfinished, "password"), "--auth=scram-sha-256"]
  return ["--pgdata", join(unfinished, "data"), ...locale, ...access, "--no-instructions"]
}

async function checkVersion(folder: string, data: string): Promise<void> {
  const version = await readFile(join(data, "PG_VERSION"), "utf8").catch(() => undefined)
  if (version?.trim() === majorVersion) return
  if (version === undefined) throw brokenFolder(folder, `${join(data, "PG_VERSION")} is missing or cannot be read`)
  const was = version.trim()
  throw new Error(
    `The database in ${folder} was made by PostgreSQL ${was}, and this is PostgreSQL ${majorVersion}. ` +
      `Carry its data over with pg_dump of version ${was}, or move the folder away to begin with an empty database.`,
  )
}

export async function readPassword(folder: string): Promise<string> {
  const path = join(folder, "cluster", "password")
  const password = (await readFile(path, "utf8").catch(() => "")).trim()
  if (password === "") throw brokenFolder(folder, `${path} is missing or cannot be read`)
  return password
}

function brokenFolder(folder: string, why: string): Error {
  return new Error(
    `The database in ${folder} cannot be used: ${why}. Check that the folder belongs to you; ` +
      `if it is damaged, restore it from a copy, or move it away to begin with an empty database.`,
  )
}

async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /^\.new-(\d+)-/.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { recursive: true, force: true })
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}

/** Makes the folder itself; says clearly when it cannot be written to. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await rm(await mkdtemp(join(folder, ".try-")), { recursive: true })
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The database folder ${folder} cannot be written to (${said}). Choose another, or make it yours.`, { cause })
  }
}
