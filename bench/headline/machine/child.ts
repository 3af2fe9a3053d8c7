import { execFileSync, spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { availableParallelism } from "node:os"

/** What is measured has a core to itself; the client, the database and the sink for spans share the other one. */
export const cores = { client: 0, system: Math.min(1, availableParallelism() - 1) }

export interface ChildOptions {
  /** Arguments of Node. */
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** The core that it stays on; any when not given. */
  readonly core?: number
  /** Opens a channel for messages. */
  readonly ipc?: boolean
}

/** A Node process. */
export interface Child {
  readonly pid: number
  readonly process: ChildProcess
  /** What it has written to standard output and error, the last part of it. */
  said(): string
  /** Resolves with its exit code when it has ended. */
  readonly ended: Promise<number | null>
  /** Asks it to stop; after a few seconds it has no choice. */
  stop(): Promise<void>
}

/** Keeps a process with all its threads on that core from now on. */
export function pin(pid: number, core: number): void {
  execFileSync("taskset", ["-acp", String(core), String(pid)])
}

const patienceMs = 5_000
const remembered = 4_000

export function startChild({ args, env = {}, core, ipc = false }: ChildOptions): Child {
  const pinned = core === undefined ? [] : ["taskset", "-c", String(core)]
  // It ends with this process, also when this one is killed.
  const child = spawn("setpriv", ["--pdeathsig", "KILL", ...pinned, process.execPath, ...args], {
    stdio: ["ignore", "pipe", "pipe", ...(ipc ? (["ipc"] as const) : [])],
    env: { ...process.env, NODE_OPTIONS: "", ...env },
  })
  let said = ""
  const hear = (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-remembered))
  child.stdout?.on("data", hear)
  child.stderr?.on("data", hear)
  const ended = new Promise<number | null>((resolve) => {
    child.once("error", (error) => {
      said += String(error)
      resolve(-1)
    })
    child.once("exit", resolve)
  })
  return {
    pid: child.pid ?? 0,
    process: child,
    said: () => said,
    ended,
    async stop() {
      child.kill("SIGTERM")
      const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs)
      await ended
      clearTimeout(timer)
    },
  }
}
