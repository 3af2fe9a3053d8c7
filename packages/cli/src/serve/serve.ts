import { serviceOf } from "@hanok/contract"
import type { Topology } from "@hanok/contract"
import { createAddressBook, createDnsDiscovery, createLog, parseAddresses, startService } from "@hanok/runtime"
import type { AddressBook, Discovery, RunningService } from "@hanok/runtime"
import { setTimeout as sleep } from "node:timers/promises"
import { CliError } from "../cli-error.ts"
import { loadTopology } from "../config/load-topology.ts"
import type { FromService, ToService } from "../supervisor/message.ts"
import { runSeed } from "./seed.ts"

export interface ServeOptions {
  readonly config: string | undefined
  readonly service: string
  readonly env: Readonly<Record<string, string | undefined>>
}

const graceMs = 10_000

/** Runs one service until it is told to stop (SIGTERM, SIGINT, or the end of its supervisor). */
export async function serve({ config, service, env }: ServeOptions): Promise<void> {
  const supervised = env["HANOK_SUPERVISED"] === "1"
  const { topology, seed } = await loadTopology(config)
  checkService(topology, service)
  const book = createAddressBook(parseAddresses(env["HANOK_ADDRESSES"] ?? "").fixed)
  const running = await start(topology, service, env, book)
  const stopped = stopOn(running, supervised)
  tell({ kind: "listening", seam: running.seamAddress, gatewayUrl: running.gatewayUrl })
  process.on("message", (message) => hear(message as ToService, book, running, topology, seed))
  await tellWhenReady(running, stopped)
  await stopped
}

async function start(topology: Topology, service: string, env: ServeOptions["env"], book: AddressBook): Promise<RunningService> {
  const { names } = parseAddresses(env["HANOK_ADDRESSES"] ?? "")
  const log = createLog({ service, instance: String(process.pid), level: env["HANOK_LOG_LEVEL"] || "info" })
  const discovery: Discovery = Object.keys(names).length === 0 ? book : both(book, createDnsDiscovery({ names, log: plain(log) }), names)
  try {
    return await startService({
      topology,
      service,
      env,
      discovery,
      log,
      seamPort: portOf("HANOK_SEAM_PORT", env["HANOK_SEAM_PORT"]),
      ...(env["HANOK_LISTEN_HOST"] ? { listenHost: env["HANOK_LISTEN_HOST"] } : {}),
    })
  } catch (error) {
    const failure = failureOf(error)
    tell({ kind: "failed", message: failure.message, hint: failure.hint })
    throw failure
  }
}

function checkService(topology: Topology, service: string): void {
  const known = topology.services.map(({ name }) => name)
  if (known.includes(service)) return
  const home = serviceOf(topology, service)
  const hint = home
    ? `The module ${service} lives in the service ${home.name}: hanok serve ${home.name}`
    : `Services are: ${known.join(", ")}.`
  throw new CliError(`There is no service ${service} in this topology.`, hint, 2)
}

function failureOf(error: unknown): CliError {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
    const port = "port" in error ? String(error.port) : "?"
    return new CliError(
      `Port ${port} is taken by another program.`,
      "Stop that program, or choose another port (0 takes a free one): HANOK_GATEWAY_PORT=0",
      3,
    )
  }
  return new CliError(message, error instanceof Error && "hint" in error ? String(error.hint) : "", 3)
}

function stopOn(running: RunningService, supervised: boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => void running.close({ graceMs }).then(resolve)
    process.once("SIGTERM", stop)
    // At a terminal Ctrl-C reaches the whole family; the supervisor says when its children stop.
    if (supervised) process.on("SIGINT", () => undefined)
    else process.once("SIGINT", stop)
    if (supervised) process.once("disconnect", stop)
  }).then(() => {
    if (process.connected) process.disconnect()
  })
}

const noticeAfterMs = 2_000

async function tellWhenReady(running: RunningService, stopped: Promise<void>): Promise<void> {
  const state = { over: false }
  void stopped.then(() => (state.over = true))
  let noticeAt = performance.now() + noticeAfterMs
  while (!state.over) {
    const waiting = await running.unready()
    if (waiting.length === 0) return tell({ kind: "ready" })
    if (performance.now() > noticeAt) {
      tell({ kind: "waiting", for: waiting })
      noticeAt += noticeAfterMs
    }
    await sleep(20)
  }
}

function hear(message: ToService, book: AddressBook, running: RunningService, topology: Topology, seed: unknown): void {
  if (message.kind === "addresses") return book.update(message.addresses)
  runSeed(seed, running, topology).then(
    (result) => tell({ kind: "seeded", result }),
    (error: unknown) =>
      tell({ kind: "failed", message: `The seed failed: ${String(error)}`, hint: "Mend the `seed` of the configuration." }),
  )
}

function tell(message: FromService): void {
  if (process.connected) process.send?.(message)
}

function portOf(name: string, text: string | undefined): number {
  const port = Number(text === undefined || text === "" ? 0 : text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new CliError(`${name} is "${text}".`, "It takes a port from 0 (any free one) to 65535.", 2)
}

function both(book: AddressBook, dns: Discovery, names: Readonly<Record<string, unknown>>): Discovery {
  return {
    addressesOf: (service) => (service in names ? dns.addressesOf(service) : book.addressesOf(service)),
    close() {
      dns.close()
      book.close()
    },
  }
}

function plain(log: ReturnType<typeof createLog>) {
  const write = (level: "debug" | "info" | "warn" | "error") => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    log[level](fields ?? {}, message)
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") }
}
