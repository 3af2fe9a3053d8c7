import { spawn, spawnSync } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { randomBytes } from "node:crypto"
import { rmSync } from "node:fs"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { mountDisk } from "./disk.ts"
import type { SmallDisk } from "./disk.ts"
import { createProcesses } from "./processes.ts"
import type { Processes } from "./processes.ts"
import { superuserOf } from "./superuser.ts"
import type { Superuser } from "./superuser.ts"
import type { Version } from "./version.ts"

/** The split shop as a person starts it, `hanok dev`, in a folder of its own. */
export interface ChaosShop {
  readonly gatewayUrl: string
  /** Signs whom the gateway believes. */
  readonly secret: string
  readonly processes: Processes
  readonly database: Superuser
  /** Undefined where no disk can be mounted. */
  readonly disk: SmallDisk | undefined
  /** Processes that start from now on are of that version. */
  startsNext(version: Version): Promise<void>
  /** Why it is no longer there; `undefined` while it is. */
  gone(): string | undefined
  /** Aborted when it is no longer there. */
  readonly signal: AbortSignal
  /** What it said last. */
  lastWords(): readonly string[]
  /** Stops everything it has started and deletes its data. */
  close(): Promise<void>
}

const root = fileURLToPath(new URL("../../../", import.meta.url))
const startMs = 90_000
const stopMs = 40_000

/** Rejects, with what it said, when the shop does not come up. */
export async function startChaosShop({ onLine }: { readonly onLine: (line: string) => void }): Promise<ChaosShop> {
  const folder = await mkdtemp(join(tmpdir(), "hanok-chaos-"))
  const data = join(folder, "data")
  await mkdir(data)
  const disk = await mountDisk(data)
  const processes = await createProcesses(join(folder, "control.sock"))
  const versionFile = join(folder, "version")
  await writeFile(versionFile, "usual")
  const secret = randomBytes(32).toString("hex")
  const child = spawnDev(data, { HANOK_SECRET: secret, HANOK_CHAOS_VERSION: versionFile, HANOK_CHAOS_SOCKET: processes.socketPath })
  const dev = follow(child, onLine)
  // When this process ends before it has closed the shop, whatever the reason.
  const abandon = () => abandonNow(child, folder, disk ? data : undefined)
  process.once("exit", abandon)
  const close = async () => {
    await end(child, dev.ended)
    await processes.close()
    await disk?.empty().catch(() => undefined)
    await disk?.unmount()
    await rm(folder, { recursive: true, force: true })
    process.off("exit", abandon)
  }
  try {
    const gatewayUrl = await Promise.race([dev.gatewayUrl, dev.ended.then(() => undefined), sleep(startMs, undefined, { ref: false })])
    if (gatewayUrl === undefined) throw new Error(`The shop did not start:\n${dev.lines.join("\n")}`)
    return {
      gatewayUrl,
      secret,
      processes,
      disk,
      database: superuserOf(join(data, "postgres")),
      startsNext: (version) => writeFile(versionFile, version),
      signal: dev.signal,
      gone: () => (child.exitCode ?? child.signalCode)?.toString(),
      lastWords: () => dev.lines,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function spawnDev(data: string, more: Readonly<Record<string, string>>): ChildProcess {
  const { DATABASE_URL: _, OTEL_EXPORTER_OTLP_ENDPOINT: __, ...env } = process.env
  const config = fileURLToPath(new URL("topology.ts", import.meta.url))
  const options = ["dev", "--config", config, "--data", data, "--port", "0", "--no-watch", "--no-seed", "--json"]
  return spawn(process.execPath, [join(root, "packages/cli/bin/hanok.mjs"), ...options], {
    env: {
      ...env,
      ...more,
      NODE_OPTIONS: `--import ${new URL("preload.ts", import.meta.url).href}`,
      HANOK_LOG_LEVEL: "warn",
      // Short enough to come to pass while we watch.
      SHOP_PLACE_WITHIN_SECONDS: "12",
      SHOP_PAY_WITHIN_SECONDS: "40",
    },
    stdio: ["ignore", "pipe", "pipe"],
    // A Ctrl-C at the terminal is for us; we stop the shop.
    detached: true,
  })
}

// The services are in the group of `hanok dev`; PostgreSQL ends by itself when it sees that nobody is there any more.
function abandonNow({ pid }: ChildProcess, folder: string, mounted: string | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL")
  } catch {
    // It has ended already.
  }
  if (mounted !== undefined) spawnSync("umount", ["-l", mounted])
  rmSync(folder, { recursive: true, force: true })
}

const remembered = 200

function follow(child: ChildProcess, onLine: (line: string) => void) {
  const lines: string[] = []
  const hear = (line: string) => {
    lines.push(line)
    lines.splice(0, lines.length - remembered)
    onLine(line)
  }
  if (!child.stdout || !child.stderr) throw new Error("The shop has no output.")
  createInterface({ input: child.stderr }).on("line", hear)
  const gatewayUrl = new Promise<string>((resolve) => {
    createInterface({ input: child.stdout ?? process.stdin }).on("line", (line) => {
      // The first is what `hanok dev --json` prints when all is up; the others tell what happens to replicas.
      const facts = JSON.parse(line) as { readonly gatewayUrl?: string }
      if (facts.gatewayUrl === undefined) hear(line)
      else resolve(facts.gatewayUrl)
    })
  })
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()).once("error", () => resolve()))
  const over = new AbortController()
  void ended.then(() => over.abort())
  return { lines, gatewayUrl, ended, signal: over.signal }
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  child.kill("SIGTERM")
  await Promise.race([ended, sleep(stopMs, undefined, { ref: false })])
  child.kill("SIGKILL")
  await ended
}
