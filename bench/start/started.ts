import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { request } from "node:http"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import type { Contender } from "./contenders.ts"

export interface Started {
  /** From before the process is made to the end of the first answer. */
  readonly firstAnswerMs: number
  /** Memory in RAM after `idleMs` without a request; undefined when nobody waited. */
  readonly residentMb: number | undefined
}

const patienceMs = 20_000

/** Starts a server on the first core, asks it until it answers, and ends it. */
export async function startOnce({ name, args, env }: Contender, idleMs: number, signal: NodeJS.Signals = "SIGKILL"): Promise<Started> {
  const port = await freePort()
  const began = performance.now()
  const child = spawn("taskset", ["-c", "0", process.execPath, ...args], {
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env(port) },
    stdio: ["ignore", "ignore", "inherit"],
  })
  try {
    await firstAnswer(port, name, began, child)
    const firstAnswerMs = performance.now() - began
    if (idleMs === 0) return { firstAnswerMs, residentMb: undefined }
    await sleep(idleMs)
    return { firstAnswerMs, residentMb: residentMbOf(child.pid ?? 0) }
  } finally {
    child.kill(signal)
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit")
  }
}

async function firstAnswer(port: number, name: string, began: number, child: ChildProcess): Promise<void> {
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}.`)
    if (performance.now() - began > patienceMs) throw new Error(`${name} did not answer within ${patienceMs} ms.`)
    await sleep(1)
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request({ host: "127.0.0.1", port, path: "/greetings/Kim", agent: false }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (part: string) => (text += part))
      response.once("end", () => resolve(text === '{"text":"Hello, Kim!"}'))
    })
    asking.once("error", () => resolve(false)).end()
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  // A TCP server's address is always this.
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}

function residentMbOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
  return Number(kilobytes) / 1024
}
