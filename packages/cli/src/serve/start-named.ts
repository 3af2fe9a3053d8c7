import type { Server } from "node:net"
import { isFault, serviceOf } from "@hanok/contract"
import type { Topology } from "@hanok/contract"
import { createLog, stackOf, startService } from "@hanok/runtime"
import type { Discovery, RunningService } from "@hanok/runtime"
import type { Logger as Pino } from "pino"
import { CliError, messageOf } from "../cli-error.ts"
import { cannotBind, noAddress } from "../supervisor/listening-socket.ts"
import { endUncaught } from "./end-uncaught.ts"
import { letHeapGrow } from "./heap.ts"

export type Env = Readonly<Record<string, string | undefined>>

export interface NamedStart {
  readonly topology: Topology
  readonly service: string
  readonly env: Env
  readonly discovery: Discovery
  readonly seamPort: number
  readonly log?: Pino
  readonly gatewayListen?: (server: Server) => void
}

/** Starts the service of that name; rejects with a `CliError` that says what is in the way. */
export async function startNamed(start: NamedStart): Promise<RunningService> {
  checkService(start.topology, start.service)
  letHeapGrow()
  const { env, service, log = logOf(service, env) } = start
  try {
    const running = await startService({ ...start, log, listenHost: env["HANOK_LISTEN_HOST"] || undefined })
    endUncaught(running, log)
    return running
  } catch (error) {
    throw failureOf(error, { seamPort: start.seamPort, listenHost: env["HANOK_LISTEN_HOST"] })
  }
}

export function logOf(service: string, env: Env): Pino {
  const level = env["HANOK_LOG_LEVEL"] || "info"
  if (!levels.includes(level)) throw new CliError(`HANOK_LOG_LEVEL is "${level}".`, `It takes one of ${levels.join(", ")}.`, 2)
  return createLog({ service, instance: String(process.pid), level })
}

const levels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"]

function checkService(topology: Topology, service: string): void {
  const known = topology.services.map(({ name }) => name)
  if (known.includes(service)) return
  const home = serviceOf(topology, service)
  const hint = home
    ? `The module ${service} lives in the service ${home.name}: hanok serve ${home.name}`
    : `Services are: ${known.join(", ")}.`
  throw new CliError(`There is no service ${service} in this topology.`, hint, 2)
}

/** Where a service listens, if that may be in the way. `seamPort` is the one for calls from other services. */
interface Listening {
  readonly seamPort?: number
  readonly listenHost?: string | undefined
}

/** What is in the way. */
export function failureOf(error: unknown, { seamPort, listenHost }: Listening = {}): CliError {
  if (error instanceof CliError) return error
  const message = messageOf(error)
  const { syscall, code, hostname, address, port }: Partial<Record<string, unknown>> = error instanceof Error ? { ...error } : {}
  if (syscall === "getaddrinfo" && hostname === listenHost) return noAddress(String(hostname))
  if (syscall === "listen")
    return cannotBind(String(address), String(port), String(code), port === seamPort ? "HANOK_SEAM_PORT=0" : "HANOK_GATEWAY_PORT=0")
  // What a module's own code has thrown is mended where that came from.
  if (error instanceof Error && error.cause !== undefined && !isFault(error))
    return new CliError(`${message}\n${stackOf(error.cause)}`, "", 3)
  return new CliError(message, error instanceof Error && "hint" in error ? String(error.hint) : "", isFault(error, "INVALID_INPUT") ? 2 : 3)
}
