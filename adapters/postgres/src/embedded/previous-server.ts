import { execFile } from "node:child_process"
import { readFile, realpath, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { servesFolder, startOf } from "./process-identity.ts"

const execute = promisify(execFile)

/** Who holds the server of a folder. */
interface Holder {
  readonly serverPid: number
  readonly pid: number
  readonly start: string | undefined
}

const leavingMs = 5_000
const stoppingMs = 15_000
const pauseMs = 25

/**
 * Clears the way for a new server. One that another living process holds is left alone, and told of. One whose holder
 * was killed is about to be stopped by its watch: that is waited for, and it is stopped from here if it takes too long. One that
 * cannot be seen from here, as in another container that has the same folder, is known by its lock, and told of.
 */
export async function clearPreviousServer(
  folder: string,
  data: string,
  log: (message: string) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const pid = await serverPidIn(data)
  if (pid === undefined) return
  const place = await realpath(data)
  if (await servesFolder(pid, place)) {
    log(`a PostgreSQL (process ${pid}) still runs in ${folder}; waiting for it to end`)
    await waitUntilLeft(folder, place, pid, signal)
    if (await servesFolder(pid, place)) await stopServer(folder, place, pid, log)
  }
  await waitUntilUnlocked(folder, data, signal)
  // What is left names a process that is gone, or that is none of ours: PostgreSQL would refuse to start beside it.
  if ((await serverPidIn(data)) === pid) await rm(join(data, "postmaster.pid"), { force: true })
}

/** Remembers that this process holds the server. */
export async function writeHolder(folder: string, serverPid: number): Promise<void> {
  const holder: Holder = { serverPid, pid: process.pid, start: await startOf(process.pid) }
  await writeFile(holderFile(folder), JSON.stringify(holder))
}

async function serverPidIn(data: string): Promise<number | undefined> {
  const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")
  const pid = Number.parseInt(text, 10)
  return pid > 0 ? pid : undefined
}

async function waitUntilLeft(folder: string, data: string, pid: number, signal: AbortSignal | undefined): Promise<void> {
  for (const until = Date.now() + leavingMs; Date.now() < until && (await servesFolder(pid, data)); await sleep(pauseMs)) {
    signal?.throwIfAborted()
    const holder = await holderOf(folder, pid)
    if (holder !== undefined) {
      throw new Error(
        `The database in ${folder} is in use by process ${holder} (its PostgreSQL is process ${pid}). ` +
          `Stop that process first, or use another folder.`,
      )
    }
  }
}

// One that was killed leaves processes behind for a moment.
async function waitUntilUnlocked(folder: string, data: string, signal: AbortSignal | undefined): Promise<void> {
  for (const until = Date.now() + leavingMs; await isLocked(data); await sleep(pauseMs)) {
    signal?.throwIfAborted()
    if (Date.now() < until) continue
    throw new Error(
      `The database in ${folder} is in use by a PostgreSQL that is not seen from here, as in another container. ` +
        `Stop that one first, or use another folder.`,
    )
  }
}

// What a server is started by takes the lock.
function isLocked(data: string): Promise<boolean> {
  return execute("flock", ["-n", join(data, "PG_VERSION"), "true"]).then(
    () => false,
    // Another code, or none, says that it could not be tried.
    ({ code }: { readonly code?: unknown }) => code === 1,
  )
}

async function stopServer(folder: string, data: string, pid: number, log: (message: string) => void): Promise<void> {
  // Fast shutdown first; then immediate, which costs a recovery at the next start but loses nothing that was committed.
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    log(`stopping the PostgreSQL (process ${pid}) that a killed process left in ${folder}, with ${signal}`)
    process.kill(pid, signal)
    for (const until = Date.now() + stoppingMs; Date.now() < until; await sleep(pauseMs)) {
      if (!(await servesFolder(pid, data))) return
    }
  }
  throw new Error(`The PostgreSQL left in ${folder} (process ${pid}) does not stop. End it with: kill -9 ${pid}`)
}

async function holderOf(folder: string, serverPid: number): Promise<number | undefined> {
  const text = await readFile(holderFile(folder), "utf8").catch(() => "")
  try {
    const holder = JSON.parse(text) as Holder // written above
    const holds = holder.serverPid === serverPid && holder.start !== undefined && holder.start === (await startOf(holder.pid))
    return holds ? holder.pid : undefined
  } catch {
    return undefined
  }
}

function holderFile(folder: string): string {
  return join(folder, "holder.json")
}
