import { setImmediate as turn } from "node:timers/promises"
import { addressText, createAddressBook, createDnsDiscovery, loggerFor, parseAddresses } from "@hanok/runtime"
import type { Discovery, RunningService } from "@hanok/runtime"
import type { Logger as Pino } from "pino"
import { loadTopology } from "../config/load-topology.ts"
import { readNoFurther } from "../config/watch-reading.ts"
import { portOf } from "../port-of.ts"
import { failureOf, logOf, startNamed } from "./start-named.ts"
import type { Env } from "./start-named.ts"
import { untilReady } from "./until-ready.ts"

export interface ServeOptions {
  readonly config: string | undefined
  readonly service: string
  readonly env: Env
  /** Resolves when it is told to stop, at whatever moment: with how long load balancers and callers may need to see it, in milliseconds. */
  readonly stop: Promise<number>
}

const graceMs = 10_000

/**
 * Runs one service until it is told to stop. As long as it starts it has nothing to finish, and ends at once, whatever the
 * configuration or a module waits for.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const running = await Promise.race([start(options), options.stop])
  if (typeof running === "number") return readNoFurther()
  await running.close({ graceMs, lingerMs: await options.stop })
}

async function start({ config, service, env, stop }: ServeOptions): Promise<RunningService> {
  const { topology } = await loadTopology(config)
  await unlessToldToStop(stop)
  const log = logOf(service, env)
  const seamPort = portOf("HANOK_SEAM_PORT", env["HANOK_SEAM_PORT"]) ?? 0
  const running = await startNamed({ topology, service, env, discovery: discoveryOf(env, log), seamPort, log })
  await unlessToldToStop(stop)
  void tellOfReadiness(running, log, stop)
  return running
}

// What keeps the processor busy to its end, as reading a configuration mostly does, keeps the process from hearing of a signal. Who is
// told to stop goes no further.
async function unlessToldToStop(stop: ServeOptions["stop"]): Promise<void> {
  let isOver = false
  void stop.then(() => (isOver = true))
  await turn()
  if (isOver) await new Promise<never>(() => undefined)
}

async function tellOfReadiness(running: RunningService, log: Pino, stop: ServeOptions["stop"]): Promise<void> {
  let isOver = false
  void stop.then(() => (isOver = true))
  let told = ""
  // It may wait for long: the same is told once.
  const onWaiting = (waiting: readonly string[]) => {
    const text = waiting.join("; ")
    if (text !== told) log.warn({ waiting }, "the service does not serve yet")
    told = text
  }
  await untilReady(running, { isOver: () => isOver, onWaiting })
  const { seamAddress, gatewayUrl } = running
  if (!isOver) log.info({ seam: addressText(seamAddress), ...(gatewayUrl && { gateway: gatewayUrl }) }, "the service serves")
}

function discoveryOf(env: Env, log: Pino): Discovery {
  const { fixed, names } = addressesIn(env)
  const book = createAddressBook(fixed)
  const dns = createDnsDiscovery({ names, log: loggerFor(log, {}) })
  const named = [...Object.keys(fixed), ...Object.keys(names)]
  return {
    addressesOf(service) {
      if (!named.includes(service))
        log.warn({ named }, `HANOK_ADDRESSES does not say where ${service} is; calls and events for it find nobody`)
      return Object.hasOwn(names, service) ? dns.addressesOf(service) : book.addressesOf(service)
    },
    close() {
      dns.close()
      book.close()
    },
  }
}

function addressesIn(env: Env): ReturnType<typeof parseAddresses> {
  try {
    return parseAddresses(env["HANOK_ADDRESSES"] ?? "")
  } catch (error) {
    throw failureOf(error)
  }
}
