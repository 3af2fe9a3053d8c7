import { dirname, join, resolve } from "node:path"
import { mkdir, rm, writeFile } from "node:fs/promises"
import type { Topology } from "@hanok/contract"
import { loadTopology } from "../config/load-topology.ts"
import { createSupervisor } from "../supervisor/supervisor.ts"
import type { Supervisor } from "../supervisor/supervisor.ts"
import { createOutput } from "./output.ts"
import type { Output } from "./output.ts"
import { createSurroundings } from "./surroundings.ts"
import type { Surroundings } from "./surroundings.ts"
import { watchSources } from "./watch.ts"

export interface DevOptions {
  readonly config: string | undefined
  /** Where data lives; `.hanok` beside the configuration when not given. */
  readonly data: string | undefined
  readonly port: string | undefined
  readonly watch: boolean
  readonly seed: boolean
  /** Prints one JSON object when all is up, logs to standard error. */
  readonly json: boolean
}

/** Runs a whole topology on this machine until Ctrl-C. */
export async function dev(options: DevOptions): Promise<void> {
  const begunAt = performance.now()
  const { topology, file } = await loadTopology(options.config)
  const folder = resolve(options.data ?? join(dirname(file), ".hanok"))
  const output = createOutput(options.json ? process.stderr : process.stdout, isColoured(options))
  const stopped = stopSignal()
  const surroundings = await createSurroundings(topology, folder, envOf(options))
  const household = new Household(options, file, surroundings, output)
  try {
    await household.open(topology)
    await tell(household, surroundings, options, folder, begunAt)
    if (options.watch) household.watch(dirname(file))
    await stopped
  } finally {
    await household.close()
    await surroundings.close()
    await rm(join(folder, "dev.json"), { force: true })
  }
}

class Household {
  readonly #options: DevOptions
  readonly #file: string
  readonly #surroundings: Surroundings
  readonly output: Output
  #supervisor: Supervisor | undefined
  #stopWatching: () => void = () => undefined
  #reloading: Promise<void> = Promise.resolve()
  accounts: unknown

  constructor(options: DevOptions, file: string, surroundings: Surroundings, output: Output) {
    this.#options = options
    this.#file = file
    this.#surroundings = surroundings
    this.output = output
  }

  get supervisor(): Supervisor | undefined {
    return this.#supervisor
  }

  async open(topology: Topology): Promise<void> {
    this.#supervisor = createSupervisor({
      topology,
      config: this.#file,
      env: this.#surroundings.env,
      onLine: (label, line) => this.output.line(label, line),
      onNotice: (message) => this.output.notice(message),
    })
    await this.#supervisor.ready
    if (this.#options.seed) this.accounts = await this.#supervisor.seed()
  }

  watch(folder: string): void {
    this.#stopWatching = watchSources(folder, (file) => {
      this.#reloading = this.#reloading.then(() => this.#reload(file))
    })
  }

  async close(): Promise<void> {
    this.#stopWatching()
    await this.#reloading
    await this.#supervisor?.close()
  }

  // A mistake on the way to a change must not end the session: the next save tries again.
  async #reload(file: string): Promise<void> {
    this.output.notice(`${file} has changed`)
    try {
      const { topology } = await loadTopology(this.#file)
      await this.#supervisor?.close()
      await this.open(topology)
      this.output.notice("reloaded")
    } catch (error) {
      this.output.notice(error instanceof Error ? error.message : String(error))
    }
  }
}

async function tell(household: Household, surroundings: Surroundings, options: DevOptions, folder: string, begunAt: number): Promise<void> {
  const { gatewayUrl, pids = [] } = household.supervisor ?? {}
  const facts = { gatewayUrl, telemetryUrl: surroundings.telemetryUrl, pid: process.pid, processes: pids.length, pids }
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, "dev.json"), JSON.stringify(facts))
  if (options.json) return void process.stdout.write(`${JSON.stringify(facts)}\n`)
  const { output } = household
  output.notice(
    `${pids.length === 1 ? "one process" : `${pids.length} processes`}, up in ${((performance.now() - begunAt) / 1000).toFixed(1)} s`,
  )
  if (gatewayUrl !== undefined) {
    output.notice(`open        ${gatewayUrl}/docs`)
    output.notice(`API         ${gatewayUrl}/openapi.json`)
  }
  if (surroundings.telemetryUrl !== undefined) output.notice(`traces      ${surroundings.telemetryUrl}/api/traces (or: hanok trace)`)
  for (const account of accountsOf(household.accounts)) output.notice(`sign in     ${account}`)
  output.notice("Ctrl-C stops everything")
}

function accountsOf(seeded: unknown): readonly string[] {
  if (!Array.isArray(seeded)) return []
  return seeded.flatMap((entry: unknown) => {
    if (typeof entry !== "object" || entry === null || !("email" in entry) || !("password" in entry)) return []
    const role = "role" in entry ? ` (${String(entry.role)})` : ""
    return [`${String(entry.email)} / ${String(entry.password)}${role}`]
  })
}

function envOf({ port }: DevOptions): Readonly<Record<string, string | undefined>> {
  return port === undefined ? process.env : { ...process.env, HANOK_GATEWAY_PORT: port }
}

function isColoured({ json }: DevOptions): boolean {
  return !json && process.stdout.isTTY === true && !process.env["NO_COLOR"]
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    // A second signal changes nothing: closing is bounded in time, and cut short it would leave processes behind.
    process.on("SIGINT", () => resolve())
    process.on("SIGTERM", () => resolve())
  })
}
