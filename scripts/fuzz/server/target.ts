import { fork } from "node:child_process"
import { randomBytes } from "node:crypto"
import { fileURLToPath } from "node:url"
import type { FromServer, Memory } from "./message.ts"

/** A shop in a process of its own, to be attacked. */
export interface Target {
  readonly gatewayUrl: string
  /** Where calls between services come in. */
  readonly seamPort: number
  readonly secret: string
  memory(): Promise<Memory>
  /** How it has ended by itself; `undefined` while it lives. */
  crashed(): string | undefined
  /** The last lines that it has written. */
  lastWords(): readonly string[]
  close(): Promise<void>
}

/**
 * Has glibc give back what is free, in place of keeping it in pieces for each thread: else the memory that the process
 * occupies tells nothing about what it uses.
 */
const tidyMalloc = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "65536", MALLOC_MMAP_THRESHOLD_: "65536" }
const startMs = 30_000
const answerMs = 30_000
const remembered = 40

/** Rejects, with what it wrote, when it does not come up. */
export async function startTarget(): Promise<Target> {
  const secret = randomBytes(32).toString("hex")
  const { DATABASE_URL: _, OTEL_EXPORTER_OTLP_ENDPOINT: __, ...env } = process.env
  const child = fork(fileURLToPath(new URL("serve.ts", import.meta.url)), {
    env: { ...env, ...tidyMalloc, HANOK_SECRET: secret },
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      lines.push(...text.split("\n").filter((line) => line !== ""))
      lines.splice(0, lines.length - remembered)
    })
  }
  let how: string | undefined
  const ended = new Promise<void>((resolve) => {
    child.once("exit", (code, signal) => {
      how = signal ?? `exit code ${code}`
      resolve()
    })
  })
  const hear = <Kind extends FromServer["kind"]>(kind: Kind, withinMs: number) =>
    new Promise<Extract<FromServer, { kind: Kind }>>((resolve, reject) => {
      const fail = () => reject(new Error(`The shop does not answer (${how ?? "it lives"}):\n${lines.join("\n")}`))
      const timer = setTimeout(fail, withinMs)
      void ended.then(fail)
      const listen = (message: FromServer) => {
        if (message.kind !== kind) return
        clearTimeout(timer)
        child.off("message", listen)
        // Its kind has just been looked at.
        resolve(message as Extract<FromServer, { kind: Kind }>)
      }
      child.on("message", listen)
    })
  const close = async () => {
    child.kill("SIGKILL")
    await ended
  }
  try {
    const { gatewayUrl, seamPort } = await hear("ready", startMs)
    return {
      gatewayUrl,
      seamPort,
      secret,
      memory() {
        const heard = hear("memory", answerMs)
        child.send("memory")
        return heard
      },
      crashed: () => how,
      lastWords: () => lines,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
