import { fork } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { createRequire } from "node:module"
import { createInterface } from "node:readline"
import { createAddressBook } from "@hanok/runtime"
import type { Address } from "@hanok/runtime"
import type { Environment } from "../stage/environment.ts"
import { LineLog } from "../stage/line-log.ts"
import type { Regrouped } from "../stage/regroup.ts"
import type { Stage } from "../stage/stage.ts"
import { loadingOptions } from "./loading-options.ts"
import type { FromService, ToService } from "./message.ts"
import { openAround } from "./wire.ts"
import type { Reachable } from "./wire.ts"

/** Each module in a service and a process of its own. */
export async function openProcesses(regrouped: Regrouped, topology: URL, env: Environment): Promise<Stage> {
  const log = new LineLog()
  const children: ChildProcess[] = []
  const start = ({ name }: { readonly name: string }) => {
    const child = forkService(topology, name, env)
    children.push(child)
    return startProcess(child, name, log)
  }
  const onAddresses = (addresses: Readonly<Record<string, Address>>) => {
    for (const child of children.filter(({ connected }) => connected)) child.send({ addresses } satisfies ToService)
  }
  return openAround({ regrouped, env, log, book: createAddressBook(), start, onAddresses })
}

const program = createRequire(import.meta.url).resolve("#service-process")

function forkService(topology: URL, name: string, env: Environment): ChildProcess {
  // It reads the same files as the test's own process; what else that was started with, a debugger for instance, is none of its business.
  const execArgv = loadingOptions(process.execArgv)
  return fork(program, [topology.href, name], { execArgv, env: { ...env }, stdio: ["ignore", "pipe", "inherit", "ipc"] })
}

async function startProcess(child: ChildProcess, name: string, log: LineLog): Promise<Reachable> {
  const exited = once(child, "exit").catch(() => undefined)
  readLog(child, log)
  try {
    const address = await addressOf(child, name)
    return { name, address, lose: () => kill(child, exited), close: () => stop(child, exited) }
  } catch (error) {
    await stop(child, exited)
    throw error
  }
}

// Lines that are not of the log are the module's own, and are shown.
function readLog(child: ChildProcess, log: LineLog): void {
  if (!child.stdout) return
  createInterface(child.stdout).on("line", (line) => {
    if (!log.write(line)) process.stderr.write(`${line}\n`)
  })
}

function addressOf(child: ChildProcess, name: string): Promise<Address> {
  return new Promise((resolve, reject) => {
    child.once("message", (message: FromService) => {
      if ("serves" in message) resolve(message.serves)
      else reject(new Error(`The process of ${name} did not start: ${message.failed}`))
    })
    child.once("error", (error) => reject(new Error(`The process of ${name} cannot be started: ${error.message}`)))
    child.once("exit", (code, signal) =>
      reject(new Error(`The process of ${name} ended while it started (${signal ?? `exit code ${code}`}).`)),
    )
  })
}

const stopWithinMs = 5_000

// Its end of the channel closes, and it stops by itself.
async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (hasEnded(child)) return
  if (child.connected) child.disconnect()
  const late = setTimeout(() => child.kill("SIGKILL"), stopWithinMs)
  await exited
  clearTimeout(late)
}

async function kill(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (hasEnded(child)) return
  child.kill("SIGKILL")
  await exited
}

function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null
}
