import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

/** A shop that runs in processes of its own, on free ports, with an empty data folder. */
export interface ShopProcess {
  readonly gatewayUrl: string
  readonly telemetryUrl: string
  /** How many processes its services run in. */
  readonly processes: number
  readonly secret: string
  /** Stops it and deletes its data. */
  close(): Promise<void>
}

const root = fileURLToPath(new URL("../../", import.meta.url))

/** Starts the shop in the topology of that name. Rejects, with what it printed, when it does not come up. */
export async function startShop(topology: string): Promise<ShopProcess> {
  const data = await mkdtemp(join(tmpdir(), "hanok-acceptance-"))
  const secret = randomBytes(32).toString("hex")
  const config = join(root, `examples/shop/topologies/${topology}.ts`)
  const options = ["dev", "--config", config, "--data", data, "--port", "0", "--no-watch", "--no-seed", "--json"]
  const { DATABASE_URL: _, OTEL_EXPORTER_OTLP_ENDPOINT: __, ...env } = process.env
  const child = spawn(process.execPath, [join(root, "packages/cli/bin/hanok.mjs"), ...options], {
    env: { ...env, HANOK_SECRET: secret },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()))
  const printed: string[] = []
  createInterface({ input: child.stderr }).on("line", (line) => {
    printed.push(line)
    if (printed.length > 100) printed.shift()
    if (process.env["HANOK_ACCEPTANCE_LOGS"]) process.stderr.write(`${line}\n`)
  })
  const close = async () => {
    child.kill("SIGTERM")
    await ended
    await rm(data, { recursive: true, force: true })
  }
  const line = await Promise.race([firstLine(child.stdout), ended.then(() => undefined)])
  if (line === undefined) {
    await close()
    throw new Error(`The shop did not start:\n${printed.join("\n")}`)
  }
  // The one line that `hanok dev --json` prints.
  const { gatewayUrl, telemetryUrl, processes } = JSON.parse(line) as { gatewayUrl: string; telemetryUrl: string; processes: number }
  return { gatewayUrl, telemetryUrl, processes, secret, close }
}

function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => createInterface({ input: stream }).once("line", resolve))
}
