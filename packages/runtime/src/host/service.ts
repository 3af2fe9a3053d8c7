import { randomUUID } from "node:crypto"
import type { Server } from "node:net"
import { hostname } from "node:os"
import { setTimeout as sleep } from "node:timers/promises"
import { Fault, gatewayCaller, wrongSetting } from "@hanok/contract"
import type { Attributes, Topology } from "@hanok/contract"
import type { Logger as Pino } from "pino"
import { createAuthenticator } from "../auth/authenticator.ts"
import type { Address, Discovery } from "../discovery/address.ts"
import type { Closing } from "../gateway/close-gently.ts"
import { createGateway } from "../gateway/gateway.ts"
import type { Gateway } from "../gateway/gateway.ts"
import { createLog, loggerFor } from "../log.ts"
import { standardOutput } from "../log-output.ts"
import { now } from "../recorder/clock.ts"
import { createRecorder, exportsSpans, recorderOptionsOf } from "../recorder/index.ts"
import type { Recorder, Registration } from "../recorder/index.ts"
import type { Gate } from "../resilience/gate.ts"
import { collectMetrics } from "../resilience/metrics.ts"
import type { ServiceMetrics } from "../resilience/metrics.ts"
import { createLoadMeter } from "../resilience/service-load.ts"
import type { LoadMeter, ServiceLoad } from "../resilience/service-load.ts"
import { createRemoteSeam } from "../wire/remote-seam.ts"
import type { RemoteSeam } from "../wire/remote-seam.ts"
import { createSeamServer } from "../wire/seam-server.ts"
import type { SeamServer } from "../wire/seam-server.ts"
import { signServiceToken } from "../wire/service-token.ts"
import { contractBookOf } from "../wire/topology-book.ts"
import { tellOfDescriptors } from "./descriptors.ts"
import { createHost } from "./host.ts"
import type { Host, HostClosing } from "./host.ts"
import { usedElsewhere } from "./rules.ts"

export interface ServiceStart {
  readonly topology: Topology
  /** The service to run here. */
  readonly service: string
  /** `HANOK_SECRET` is needed; see `docs/guides/cli.md` for all that is read. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where the other services are. */
  readonly discovery: Discovery
  /** Where calls from other services come in; 0, the default, takes a free port. */
  readonly seamPort?: number
  /** Address to listen on for both ports; `127.0.0.1` when not given. */
  readonly listenHost?: string | undefined
  /** In place of the topology's. */
  readonly gatewayPort?: number
  /** Makes the gateway's server listen, now or later, in place of a port: on a socket that somebody else has bound. */
  readonly gatewayListen?: (server: Server) => void
  readonly log?: Pino
}

export interface RunningService {
  readonly service: string
  readonly seamAddress: Address
  /** Set in the service that has the gateway. */
  readonly gatewayUrl: string | undefined
  /** The modules in it, for calls from this very process. */
  readonly host: Pick<Host, "edge" | "seam">
  /** What is not ready, a line each, as `/health/ready` tells it at each of its ports; empty when it serves. */
  unready(): Promise<readonly string[]>
  /** How busy it is now. Cheap enough to be asked every second. */
  load(): ServiceLoad
  /** What it has seen of overload and failures; `/metrics` and `/health/load` at the seam's port tell it too. */
  metrics(): ServiceMetrics
  /**
   * Takes nothing new, lets what is under way end for `graceMs`, then stops it; the last spans are exported. A second call, whatever it
   * says, resolves with the first.
   */
  close(options: Closing & HostClosing): Promise<void>
}

/**
 * Runs one service of a topology in this process. It serves as soon as its needs are ready; nothing waits for other services. Rejects,
 * with nothing left open, when a variable is missing or not understood, a port cannot be had (`EADDRINUSE`), or a module cannot be made.
 */
export async function startService(start: ServiceStart): Promise<RunningService> {
  const parts = new Parts(start)
  try {
    await parts.open()
    return parts
  } catch (error) {
    await parts.close({ graceMs: 0 })
    throw error
  }
}

const readyPauseMs = 50

class Parts implements RunningService {
  readonly service: string
  readonly #start: ServiceStart
  readonly #instance = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`
  readonly #log: Pino
  readonly #recorder: Recorder
  readonly #remotes: RemoteSeam[] = []
  readonly #meter: LoadMeter = createLoadMeter(() => Object.values(this.#gates()).map(({ load }) => load))
  #host: Host | undefined
  #server: SeamServer | undefined
  #gateway: Gateway | undefined
  #registration: Registration | undefined
  #hasBeenReady = false
  #closing: Promise<void> | undefined
  readonly #tellNoMore: () => void

  constructor(start: ServiceStart) {
    this.service = start.service
    this.#start = start
    this.#log =
      start.log ?? createLog({ service: start.service, instance: this.#instance, level: start.env["HANOK_LOG_LEVEL"] || undefined })
    this.#recorder = recorderOf(start, this.#instance, this.#log)
    // Last, since a variable that says what it cannot ends it here, and nothing would stop this.
    this.#tellNoMore = tellOfDescriptors(loggerFor(this.#log, {}))
  }

  get seamAddress(): Address {
    return this.#server?.address ?? { host: "", port: 0 }
  }

  get gatewayUrl(): string | undefined {
    return this.#gateway?.url
  }

  get host(): Host {
    if (this.#host) return this.#host
    throw new Fault("UNAVAILABLE", `The service ${this.service} has not started.`)
  }

  async open(): Promise<void> {
    const { topology, service, env } = this.#start
    const secret = secretOf(env)
    const book = contractBookOf(topology)
    // Instrumented libraries find the recorder behind OpenTelemetry's API. Of several services in one process it is the first one's.
    this.#registration = await registrationOf(this.#recorder)
    if (this.#registration?.hasSdk)
      this.#log.info("an OpenTelemetry SDK was started before: spans of libraries go where it sends them, below those of requests")
    const contracts = topology.modules.map(({ contract }) => contract)
    const modules = this.#spokenFor()
    const identity = { name: service, modules, uses: [], passesOn: true, calls: usedElsewhere(topology, modules) }
    const remote = (name: string) => {
      const { discovery } = this.#start
      const seam = createRemoteSeam({
        service: name,
        caller: service,
        services: topology.services.map(({ name: known }) => known),
        addresses: discovery.addressesOf(name),
        book,
        log: loggerFor(this.#log, {}),
        token: () => signServiceToken({ secret, identity }),
      })
      this.#remotes.push(seam)
      return seam
    }
    this.#host = await createHost({ topology, service, env, recorder: this.#recorder, log: this.#log, remote })
    this.#server = await createSeamServer({
      service,
      instance: this.#instance,
      seam: this.#host.seam,
      book,
      secret,
      log: loggerFor(this.#log, {}),
      contracts: contracts.filter(({ name }) => identity.modules.includes(name)),
      elsewhere: contracts.filter(({ name }) => !identity.modules.includes(name)),
      metrics: () => this.metrics(),
      unready: () => this.unready(),
      // Who has been ready once is called on: its data may be away for all replicas at once, and not for all of its modules.
      letsIn: async () => this.#hasBeenReady || (await this.unready()).length === 0,
      port: this.#start.seamPort ?? 0,
      host: this.#start.listenHost,
    })
    if (topology.gateway.service === service) this.#gateway = await this.#openGateway(this.#host)
    void this.#beginWhenReady()
  }

  async unready(): Promise<readonly string[]> {
    if (this.#closing) return [`${this.service} is draining: no new requests, please`]
    const missing = (await this.#host?.unready()) ?? [`${this.service} is starting`]
    this.#hasBeenReady ||= missing.length === 0
    return missing
  }

  load(): ServiceLoad {
    return this.#meter.load()
  }

  metrics(): ServiceMetrics {
    const { dropped: spansDropped } = this.#recorder
    return collectMetrics({
      load: this.load(),
      spansDropped,
      logLinesDropped: standardOutput().dropped,
      connectionsHeld: this.#server?.held ?? 0,
      gates: this.#gates(),
      modules: this.#host?.metrics() ?? [],
      services: this.#remotes,
    })
  }

  close(options: Closing & HostClosing): Promise<void> {
    this.#closing ??= this.#close(options)
    return this.#closing
  }

  async #close({ crashed = false, ...options }: Closing & HostClosing): Promise<void> {
    const until = now() + options.graceMs
    const left = () => ({ graceMs: Math.max(0, until - now()) })
    await this.#gateway?.close(options)
    // A gateway has lingered, and the port of the seams with it.
    await this.#server?.close({ ...options, ...left(), ...(this.#gateway && { lingerMs: 0 }) })
    await this.#host?.close({ ...left(), crashed })
    await Promise.all(this.#remotes.map((remote) => remote.close(left())))
    this.#registration?.close()
    await this.#recorder.close()
    this.#meter.close()
    this.#tellNoMore()
  }

  #gates(): Readonly<Record<string, Gate>> {
    return { ...(this.#server && { seam: this.#server.gate }), ...(this.#gateway && { gateway: this.#gateway.gate }) }
  }

  #openGateway(host: Host): Promise<Gateway> {
    const { topology, env } = this.#start
    const log = loggerFor(this.#log, { module: gatewayCaller })
    return createGateway({
      topology,
      edge: host.edge,
      auth: createAuthenticator(env, log),
      log,
      unready: () => this.unready(),
      listen: this.#start.gatewayListen,
      port: this.#start.gatewayPort ?? portOf(env["HANOK_GATEWAY_PORT"]) ?? topology.gateway.port,
      host: this.#start.listenHost,
    })
  }

  // Events and jobs touch the module's data, so they begin when it can be reached.
  async #beginWhenReady(): Promise<void> {
    while (!this.#closing) {
      const waiting = await this.unready()
      if (this.#closing) return
      if (waiting.length === 0) return this.#host?.start()
      await sleep(readyPauseMs, undefined, { ref: false })
    }
  }

  #spokenFor(): readonly string[] {
    const { topology, service } = this.#start
    const modules = topology.services.find(({ name }) => name === service)?.modules ?? []
    return topology.gateway.service === service ? [...modules, gatewayCaller] : modules
  }
}

function recorderOf({ topology, service, env }: ServiceStart, instance: string, log: Pino): Recorder {
  const resource: Attributes = { "service.name": service, "service.namespace": topology.name, "service.instance.id": instance }
  const onTrouble = (reason: string | undefined, url: string) => {
    if (reason === undefined) log.info({ url }, "spans are exported again")
    else log.warn({ url, reason }, "spans cannot be exported; those that are given up are counted as dropped")
  }
  return createRecorder({ ...recorderOptionsOf(env, resource), onTrouble })
}

// OpenTelemetry's API is not loaded for spans that nobody wants.
async function registrationOf(recorder: Recorder): Promise<Registration | undefined> {
  if (!exportsSpans(recorder)) return undefined
  const { registerRecorder } = await import("../recorder/otel/register.ts")
  return registerRecorder(recorder)
}

function secretOf(env: ServiceStart["env"]): string {
  const secret = env["HANOK_SECRET"]
  if (secret !== undefined && secret !== "") return secret
  throw wrongSetting("HANOK_SECRET is not set: services sign their calls with it. Make one with: openssl rand -hex 32")
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw wrongSetting(`HANOK_GATEWAY_PORT is "${text}"; it takes a port from 0 (any free one) to 65535.`)
}
