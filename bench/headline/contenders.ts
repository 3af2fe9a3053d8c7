import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { freePorts } from "./machine/ports.ts"
import { cores, pin, startChild } from "./machine/child.ts"
import type { Child } from "./machine/child.ts"
import { shopModules } from "./shop-modules.ts"
import type { Stores } from "./shop-modules.ts"

export const contenderNames = ["merged", "split", "today"] as const
/** `merged`: Hanok in one process. `split`: Hanok, each module in its own. `today`: the same modules as plain services. */
export type ContenderName = (typeof contenderNames)[number]

/** What is the same for all. */
export interface Premises {
  readonly stores: Stores
  readonly secret: string
  readonly otlpUrl: string
  /** `undefined` for stores in memory. */
  readonly databaseUrl: string | undefined
}

/** A shop that serves. */
export interface Contender {
  readonly name: ContenderName
  readonly url: string
  /** By service. */
  readonly children: Readonly<Record<string, Child>>
  /** Stands still, all its processes, until it resumes. */
  pause(): void
  resume(): void
  stop(): Promise<void>
}

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const hanok = path("../../packages/cli/bin/hanok.mjs")
const startMs = 90_000
/**
 * Of Node, for all: V8 collects garbage when a process has little to do, and then often, since it leaves little room. Here that is when
 * another has its turn, and not in a service that is called all the time.
 */
const engineArgs = ["--no-memory-reducer"]
const pauseMs = 100

/** Starts all processes of a contender and waits until each of them is ready. */
export async function startContender(name: ContenderName, premises: Premises): Promise<Contender> {
  const names = name === "merged" ? ["main"] : [...shopModules(premises.stores).map(({ contract }) => contract.name), "gateway"]
  const free = await freePorts(names.length + 1)
  const ports = Object.fromEntries(names.map((service, index) => [service, free[index] ?? 0]))
  const gatewayPort = name === "today" ? (ports["gateway"] ?? 0) : (free[names.length] ?? 0)
  const start = name === "today" ? startToday : startHanok
  const children = Object.fromEntries(names.map((service) => [service, start(name, service, ports, gatewayPort, premises)]))
  const signal = (what: NodeJS.Signals) => {
    for (const child of Object.values(children)) child.process.kill(what)
  }
  const contender: Contender = {
    name,
    url: `http://127.0.0.1:${gatewayPort}`,
    children,
    pause: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    async stop() {
      signal("SIGCONT")
      await Promise.all(Object.values(children).map((child) => child.stop()))
    },
  }
  try {
    const healthOf = (service: string) => `http://127.0.0.1:${ports[service]}/${name === "today" ? "health" : "health/ready"}`
    await Promise.all(Object.entries(children).map(([service, child]) => ready(`${name} ${service}`, healthOf(service), child)))
    // Until here both cores have helped.
    for (const { pid } of Object.values(children)) pin(pid, cores.system)
    return contender
  } catch (error) {
    await contender.stop()
    throw error
  }
}

function startHanok(
  name: ContenderName,
  service: string,
  ports: Readonly<Record<string, number>>,
  gatewayPort: number,
  premises: Premises,
): Child {
  const addresses = Object.entries(ports).map(([other, port]) => `${other}=127.0.0.1:${port}`)
  return startChild({
    args: [...engineArgs, hanok, "serve", service, "--config", path(`./hanok/${name}.ts`)],
    env: {
      ...environmentOf(premises),
      HANOK_SEAM_PORT: String(ports[service]),
      HANOK_GATEWAY_PORT: String(gatewayPort),
      HANOK_ADDRESSES: addresses.join(";"),
      HANOK_LOG_LEVEL: "warn",
    },
  })
}

function startToday(
  _name: ContenderName,
  service: string,
  ports: Readonly<Record<string, number>>,
  _gatewayPort: number,
  premises: Premises,
): Child {
  return startChild({
    args: [...engineArgs, "--import", new URL("./today/tracing.ts", import.meta.url).href, path("./today/main.ts"), service],
    env: {
      ...environmentOf(premises),
      HEADLINE_PORTS: JSON.stringify(ports),
      OTEL_SERVICE_NAME: service,
      OTEL_METRICS_EXPORTER: "none",
      OTEL_LOGS_EXPORTER: "none",
      // As the `hanok` command does for itself.
      NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
    },
  })
}

function environmentOf({ stores, secret, otlpUrl, databaseUrl }: Premises): Readonly<Record<string, string>> {
  return {
    NODE_ENV: "production",
    HEADLINE_STORES: stores,
    HANOK_SECRET: secret,
    OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
  }
}

async function ready(what: string, url: string, child: Child): Promise<void> {
  const until = Date.now() + startMs
  let ended = false
  void child.ended.then(() => (ended = true))
  while (!(await answers(url))) {
    if (ended) throw new Error(`${what} has ended:\n${child.said()}`)
    if (Date.now() > until) throw new Error(`${what} is not ready after ${startMs} ms:\n${child.said()}`)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}
