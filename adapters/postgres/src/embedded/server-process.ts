import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { open, readFile, rename, stat } from "node:fs/promises"
import type { FileHandle } from "node:fs/promises"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { loopback } from "./port.ts"

export interface ServerStart {
  readonly data: string
  readonly program: string
  readonly prefix: readonly string[]
  readonly port: number
  readonly settings: Readonly<Record<string, string>>
  /** PostgreSQL's own; a start goes on with it. */
  readonly logFile: string
  /** Told when the start takes long. */
  readonly log: (message: string) => void
  /** Ends the start. */
  readonly signal: AbortSignal | undefined
}

/** A PostgreSQL that runs under a watch: a shell that stops it when this process is gone, however it went. */
export interface ServerProcess {
  readonly pid: number
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

// Standard input is held open by us and is closed by the system when we die; then the server gets a fast shutdown. The server and its
// processes have a lock for as long as they run, of which the system knows wherever they do, also in a container whose processes are not
// seen from another one. Where there is no flock they are known by their process ids alone.
const watch = `
data=$1
shift
if command -v flock >/dev/null; then
  exec 5<"$data/PG_VERSION"
  flock -n 5 || { echo "another PostgreSQL has taken $data"; exit 1; }
fi
exec 4<&0
"$@" </dev/null 3>&- 4<&- &
server=$!
exec 5<&-
echo $server >&3
exec 3>&-
(
  while read -r _ <&4; do :; done
  kill -INT $server
  tries=0
  while kill -0 $server && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -QUIT $server
) >/dev/null 2>&1 &
watch=$!
wait $server
code=$?
kill $watch 2>/dev/null
exit $code
`
/** How long a server may take to say that it starts. What it then takes is up to what it has to recover. */
const startMs = 60_000
const toldEveryMs = 5_000
const stopMs = 15_000
const pauseMs = 5
/** What a longer log says goes to another file, in the place of what was there. */
const longestLogBytes = 8_388_608

/** Fast shutdown; then immediate, which costs a recovery at the next start but loses nothing that was committed. */
const stopSignals = ["SIGINT", "SIGQUIT", "SIGKILL"] as const
/** For one that is not ready: there is nobody to take leave of, and while it recovers a fast shutdown may take long. */
const abortSignals = ["SIGQUIT", "SIGKILL"] as const

/**
 * Starts the server and waits until it takes connections, however long it recovers. Rejects with the last lines of its log when it
 * ends before, and with the signal's reason when that is aborted.
 */
export async function startServer(start: ServerStart): Promise<ServerProcess> {
  start.signal?.throwIfAborted()
  const { child, ended, logged } = await launch(start)
  if (child.pid === undefined) throw notLaunched(await ended)
  const pid = await pidFrom(child, ended)
  release(child)
  if (await isReady(start, pid, child)) return { pid, ended: ended.then(() => undefined), stop: () => stop(child, pid, ended, stopSignals) }
  await stop(child, pid, ended, abortSignals)
  start.signal?.throwIfAborted()
  const folder = dirname(start.logFile)
  throw new Error(
    `PostgreSQL did not start. The last lines of ${start.logFile}:\n${await lastLines(start.logFile, logged)}\n` +
      `If the folder ${folder} is damaged, restore it from a copy, or move it away to begin with an empty database.`,
  )
}

function notLaunched(cause: unknown): Error {
  const said = cause instanceof Error ? cause.message : String(cause)
  const hint = "See to it that more processes (ulimit -u) and open files (ulimit -n) are allowed here, and that there is memory for them."
  return new Error(`PostgreSQL could not be started: ${said}. ${hint}`, { cause })
}

async function openLog(logFile: string): Promise<FileHandle> {
  const { size } = await stat(logFile).catch(() => ({ size: 0 }))
  if (size > longestLogBytes) await rename(logFile, `${logFile}.old`)
  return open(logFile, "a")
}

interface Launched {
  readonly child: ChildProcess
  /** Resolves to the error when it was not started. */
  readonly ended: Promise<unknown>
  /** How long the log was before, in bytes. */
  readonly logged: number
}

async function launch({ data, program, prefix, port, settings, logFile }: ServerStart): Promise<Launched> {
  const all = { ...settings, port: String(port), listen_addresses: loopback, unix_socket_directories: "" }
  const words = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])
  const [command = "", ...rest] = [...prefix, "/bin/sh", "-c", watch, "sh", data, program, "-D", data, ...words]
  const log = await openLog(logFile)
  try {
    const { size: logged } = await log.stat()
    // A session of its own: the Ctrl-C that asks us to end must not end the server before us.
    const stdio = ["pipe", log.fd, log.fd, "pipe"] as const
    const env = { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" }
    const child = spawn(command, rest, { stdio: [...stdio], detached: true, cwd: "/", env })
    // Listened to at once: that there is no room for another process is told before the log is closed.
    return { child, ended: exitOf(child), logged }
  } finally {
    await log.close()
  }
}

function exitOf(child: ChildProcess): Promise<unknown> {
  return Promise.race([once(child, "exit"), once(child, "error")]).catch((error: unknown) => error)
}

async function pidFrom(child: ChildProcess, ended: Promise<unknown>): Promise<number> {
  const output = child.stdio[3]
  if (!output) throw new Error("The watch over PostgreSQL has no output.")
  const [first] = await Promise.race([once(output, "data"), ended.then(() => [""])])
  return Number.parseInt(String(first), 10) || 0
}

// The server keeps nothing else alive: a process that forgets to close it can still end, and the watch then stops it.
function release(child: ChildProcess): void {
  child.unref()
  for (const stream of child.stdio) {
    stream?.on("error", () => undefined)
    if (stream && "unref" in stream && typeof stream.unref === "function") stream.unref()
  }
}

// The eighth line of postmaster.pid is the state; pg_ctl looks at the same place (see miscadmin.h, LOCK_FILE_LINE_PM_STATUS).
async function isReady({ data, logFile, log, signal }: ServerStart, pid: number, child: ChildProcess): Promise<boolean> {
  const begun = Date.now()
  let told = 0
  for (let starts = false; starts || Date.now() - begun < startMs; await sleep(pauseMs)) {
    if (signal?.aborted || pid === 0 || hasEnded(child)) return false
    const lines = (await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")).split("\n")
    starts = Number(lines[0]) === pid
    if (starts && lines[7]?.trim() === "ready") return true
    const passed = Math.floor((Date.now() - begun) / toldEveryMs)
    if (passed > told) log(`PostgreSQL has been starting for ${(passed * toldEveryMs) / 1_000} s, which is long; see ${logFile}`)
    told = passed
  }
  return false
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function stop(child: ChildProcess, pid: number, ended: Promise<unknown>, signals: readonly NodeJS.Signals[]): Promise<void> {
  child.ref()
  for (const signal of signals) {
    if (hasEnded(child) || pid === 0) break
    try {
      process.kill(pid, signal)
    } catch {
      // It has just ended.
    }
    await Promise.race([ended, sleep(stopMs, undefined, { ref: false })])
  }
  await ended
}

async function lastLines(logFile: string, from: number): Promise<string> {
  const text = await readFile(logFile).catch(() => Buffer.alloc(0))
  return text.subarray(from).toString().trimEnd().split("\n").slice(-8).join("\n")
}
