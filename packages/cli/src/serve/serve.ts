import { createAddressBook, createDnsDiscovery, parseAddresses } from "@hanok/runtime"
import type { Discovery, RunningService } from "@hanok/runtime"
import type { Logger as Pino } from "pino"
import { loadTopology } from "../config/load-topology.ts"
import { portOf } from "../port-of.ts"
import { failureOf, logOf, startNamed } from "./start-named.ts"
import type { Env } from "./start-named.ts"

export interface ServeOptions {
  readonly config: string | undefined
  readonly service: string
  readonly env: Env
}

const graceMs = 10_000
/** Long enough for clients in the middle of a conversation, short beside what orchestrators allow for a stop (30 s). */
const lingerMs = 2_000

/** Runs one service until it is told to stop (SIGTERM, SIGINT). */
export async function serve({ config, service, env }: ServeOptions): Promise<void> {
  const { topology } = await loadTopology(config)
  const log = logOf(service, env)
  const discovery = discoveryOf(env, log)
  const seamPort = portOf("HANOK_SEAM_PORT", env["HANOK_SEAM_PORT"]) ?? 0
  const running = await startNamed({ topology, service, env, discovery, seamPort, log })
  await stopSignal(running)
  discovery.close()
}

function stopSignal(running: RunningService): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => void running.close({ graceMs, lingerMs }).then(resolve)
    process.once("SIGTERM", stop)
    process.once("SIGINT", stop)
  })
}

function discoveryOf(env: Env, log: Pino): Discovery {
  const { fixed, names } = addressesIn(env)
  const book = createAddressBook(fixed)
  return Object.keys(names).length === 0 ? book : both(book, createDnsDiscovery({ names, log: plain(log) }), names)
}

function addressesIn(env: Env): ReturnType<typeof parseAddresses> {
  try {
    return parseAddresses(env["HANOK_ADDRESSES"] ?? "")
  } catch (error) {
    throw failureOf(error)
  }
}

function both(book: Discovery, dns: Discovery, names: Readonly<Record<string, unknown>>): Discovery {
  return {
    addressesOf: (service) => (service in names ? dns.addressesOf(service) : book.addressesOf(service)),
    close() {
      dns.close()
      book.close()
    },
  }
}

function plain(log: Pino) {
  const write = (level: "debug" | "info" | "warn" | "error") => (message: string, fields?: Readonly<Record<string, unknown>>) =>
    log[level](fields ?? {}, message)
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") }
}
