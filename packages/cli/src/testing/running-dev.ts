import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { expect, onTestFinished } from "vitest"
import type { DevFacts } from "../dev/announce.ts"
import type { ReplicaNews } from "../supervisor/family.ts"

/** A `hanok dev --json` that runs in a folder. It is stopped with the test. */
export interface RunningDev {
  readonly pid: number
  readonly facts: DevFacts & { readonly gatewayUrl: string }
  /** What it has told of replicas so far. */
  readonly news: readonly ReplicaNews[]
  /** What it has printed for people so far. */
  readonly notices: readonly string[]
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>
  signal(name: NodeJS.Signals): void
  /** Waits until that has been printed for people, `times` times. */
  said(text: string, times?: number): Promise<void>
}

const bin = fileURLToPath(new URL("../../bin/hanok.mjs", import.meta.url))

export async function runDev(folder: string, ...args: readonly string[]): Promise<RunningDev> {
  const started = spawnDev(folder, ...args)
  const { facts } = started
  return { ...started, facts: await facts }
}

/** The same, not waiting until it is up. `facts` rejects when it ends before. */
export function spawnDev(folder: string, ...args: readonly string[]) {
  const { DATABASE_URL: _, OTEL_EXPORTER_OTLP_ENDPOINT: __, VITEST: ___, ...env } = process.env
  const child = spawn(process.execPath, [bin, "dev", "--json", "--port", "0", ...args], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  })
  const ended = new Promise<number | string | null>((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)))
  onTestFinished(async () => {
    child.kill("SIGTERM")
    await ended
  })
  const news: ReplicaNews[] = []
  const notices: string[] = []
  const facts = Promise.withResolvers<DevFacts & { readonly gatewayUrl: string }>()
  facts.promise.catch(() => undefined)
  createInterface({ input: child.stderr }).on("line", (line) => notices.push(line))
  createInterface({ input: child.stdout }).on("line", (line) => {
    // The lines that `hanok dev --json` prints.
    const told = JSON.parse(line) as ReplicaNews & DevFacts & { readonly gatewayUrl: string }
    if ("event" in told) news.push(told)
    else facts.resolve(told)
  })
  void ended.then((how) => facts.reject(new Error(`hanok dev ended (${how}):\n${notices.join("\n")}`)))
  return {
    pid: child.pid ?? 0,
    facts: facts.promise,
    news,
    notices,
    ended,
    signal: (name: NodeJS.Signals) => void child.kill(name),
    said: (text: string, times = 1) =>
      expect.poll(() => notices.filter((line) => line.includes(text)).length, { timeout: 60_000 }).toBeGreaterThanOrEqual(times),
  }
}
