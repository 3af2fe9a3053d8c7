import type { Address } from "@hanok/runtime"
import { CliError } from "../cli-error.ts"
import type { Family, ReplicaNews } from "./family.ts"
import type { ListeningSocket } from "./listening-socket.ts"
import { whyReadingTakesLong } from "../config/watch-reading.ts"
import { callersFirst } from "./outline.ts"
import type { Outline, ServiceOutline } from "./outline.ts"
import { Replica } from "./replica.ts"
import { ServiceProcess } from "./service-process.ts"
import { Standby } from "./standby.ts"

export interface GenerationOptions {
  readonly config: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether another one runs, which it is to replace: then the outside comes in by `goLive`, and otherwise as soon as there is a gateway. */
  readonly replaces: boolean
  readonly reason: string
  onLine(replica: string, line: string): void
  onNews(news: ReplicaNews): void
}

export interface GenerationStart {
  readonly env: Readonly<Record<string, string>>
  readonly socket: ListeningSocket
  /** How many replicas a service has now; the least that it may have when not given. */
  countOf(service: string): number | undefined
}

const shortestGraceMs = 250
/** Reading a configuration takes a second or two, and several times as long where processors are busy, or a part of one is all there is. */
const slowReadingMs = 5_000
/** Many processes on few processors take minutes. */
const progressEveryMs = 5_000
/** Reactions and jobs have no deadline of their own. */
const shortestFinishMs = 30_000
/** How long clients in the middle of a conversation have to send the next request, and to be told to connect anew. */
const lingerMs = 2_000

/** All processes of one version of a topology: they know each other, and nobody of another version. */
export class Generation {
  /** What this version is; rejects with a `CliError` when it cannot be loaded. */
  readonly outline: Promise<Outline>
  readonly #options: GenerationOptions
  readonly #scout: ServiceProcess
  readonly #standby: Standby
  #replicas: readonly Replica[] = []
  /** Those that are one too many, and finish what they have. */
  readonly #leaving = new Set<Replica>()
  #family: Family | undefined
  #outline: Outline | undefined
  #isLive: boolean
  #isUp = false
  #isOver = false

  constructor(options: GenerationOptions) {
    this.#options = options
    this.#isLive = !options.replaces
    // The first process reads the configuration and tells what is in it; then it is the first replica.
    const make = () => new ServiceProcess(options.config, options.env)
    this.#scout = make()
    this.#standby = new Standby(make, (line) => options.onLine("hanok", line))
    this.outline = outlineFrom(this.#scout, (line) => options.onLine("hanok", line)).then((outline) => (this.#outline = outline))
    const patience = setTimeout(() => this.#tellOfSlowReading(), slowReadingMs).unref()
    this.outline.catch(() => undefined).finally(() => clearTimeout(patience))
  }

  get pids(): readonly number[] {
    return this.#replicas.flatMap((replica) => replica.pid ?? [])
  }

  /** Whether it has been closed or killed: then it must not start any more. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether it has been told how many replicas there are to be. */
  get hasBegun(): boolean {
    return this.#family !== undefined
  }

  get socket(): ListeningSocket | undefined {
    return this.#family?.socket
  }

  /** None before all of them have served to the outside for the first time. */
  get services(): readonly ServiceOutline[] {
    return this.#isUp ? this.#outlineNow().services : []
  }

  replicasOf(service: string): readonly Replica[] {
    return this.#replicas.filter((replica) => replica.service === service)
  }

  /** Starts every replica. Resolves when all serve, to the outside if that may come in; rejects with a `CliError` when one cannot start. */
  async start({ env, socket, countOf }: GenerationStart): Promise<void> {
    const outline = this.#outlineNow()
    this.#family = this.#familyOf(env, socket)
    let spare: ServiceProcess | undefined = this.#scout
    for (const { name, replicas } of outline.services) {
      const count = Math.min(replicas.max, Math.max(replicas.min, countOf(name) ?? 0))
      for (let index = 0; index < count; index++) {
        this.#add(name, this.#options.reason, spare)
        spare = undefined
      }
    }
    // One that has served is given up, too, when it cannot start again, whatever the others wait for.
    const givenUp = Promise.race(this.#replicas.map((replica) => replica.givenUp))
    const ready = () => Promise.all(this.#replicas.map((replica) => replica.ready))
    const telling = setInterval(() => this.#tellOfProgress(), progressEveryMs)
    try {
      // Again when one has crashed while others started: what takes over must be complete.
      while (!this.#replicas.every(({ address }) => address)) await Promise.race([ready(), givenUp])
    } finally {
      clearInterval(telling)
    }
    if (this.#isLive) await this.#opened()
  }

  /** Lets the outside in. Resolves when the gateway takes connections; rejects with a `CliError` when it cannot, or has been given up. */
  async goLive(): Promise<void> {
    this.#isLive = true
    for (const replica of this.#gateways()) replica.open()
    await this.#opened()
  }

  seed(): Promise<unknown> {
    const [gateway] = this.#gateways()
    return gateway ? gateway.seed() : Promise.resolve(undefined)
  }

  /** Starts or lets go as many replicas of a service as are too few or too many. Those go that do not serve, then the newest. */
  scale(service: string, count: number, reason: string): void {
    const current = this.replicasOf(service)
    for (let more = current.length; more < count; more++) this.#add(service, reason, this.#standby.take())
    const [serving, others] = [current.filter(({ address }) => address), current.filter(({ address }) => !address)]
    for (const leaving of [...serving, ...others].slice(count)) void this.#remove(leaving, reason)
  }

  /** Ends it when another one serves in its place. Nobody waits for it to go, so it has all the time that its longest calls may take. */
  retire(reason: string): Promise<void> {
    return this.close(this.#leavingHow(), reason)
  }

  /** Stops all, callers before those whom they call, so that nothing under way fails. No longer than `graceMs` altogether. */
  async close(how: { readonly graceMs: number; readonly lingerMs: number }, reason: string): Promise<void> {
    this.#isOver = true
    this.#standby.startNoMore()
    const until = performance.now() + how.graceMs
    const leaving = [...this.#leaving].map((replica) => replica.close(how, reason))
    for (const wave of callersFirst(this.#outline?.services ?? [])) {
      const graceMs = Math.max(shortestGraceMs, until - performance.now())
      await Promise.all(wave.flatMap((name) => this.replicasOf(name)).map((replica) => replica.close({ ...how, graceMs }, reason)))
    }
    await Promise.all([...leaving, this.#standby.close()])
    if (this.#replicas.length === 0) await this.#scout.stop({ graceMs: shortestGraceMs })
  }

  kill(): void {
    this.#isOver = true
    this.#scout.kill()
    this.#standby.kill()
    for (const replica of [...this.#replicas, ...this.#leaving]) replica.kill()
  }

  #gateways(): readonly Replica[] {
    return this.replicasOf(this.#outlineNow().gateway.service)
  }

  async #opened(): Promise<void> {
    await Promise.race([...this.#gateways().map(({ opened }) => opened), ...this.#replicas.map(({ givenUp }) => givenUp)])
    this.#isUp = true
    this.#standby.prepare(this.#replicas.length)
  }

  #add(service: string, reason: string, spare: ServiceProcess | undefined): void {
    const family = this.#family
    if (!family) throw new Error(`The generation of ${service} has not started.`)
    const { services, gateway } = this.#outlineNow()
    const limits = services.find(({ name }) => name === service)?.replicas ?? { min: 1, max: 1 }
    const replica = new Replica({
      family,
      service,
      label: limits.max > 1 ? `${service}.${this.#nextNumber(service)}` : service,
      reason,
      hasGateway: gateway.service === service,
      reportsLoad: limits.max > limits.min,
      spare,
    })
    this.#replicas = [...this.#replicas, replica]
  }

  // Its callers are told first, so that they send nothing more; then it finishes what it has.
  async #remove(leaving: Replica, reason: string): Promise<void> {
    this.#replicas = this.#replicas.filter((replica) => replica !== leaving)
    this.#leaving.add(leaving)
    this.#tellAll()
    await leaving.close(this.#leavingHow(), reason)
    this.#leaving.delete(leaving)
  }

  #leavingHow(): { readonly graceMs: number; readonly lingerMs: number } {
    return { graceMs: Math.max(shortestFinishMs, this.#outline?.longestCallMs ?? 0), lingerMs }
  }

  #nextNumber(service: string): number {
    const taken = new Set([...this.#replicas, ...this.#leaving].map(({ label }) => label))
    for (let number = 1; ; number++) if (!taken.has(`${service}.${number}`)) return number
  }

  #familyOf(lateEnv: Readonly<Record<string, string>>, socket: ListeningSocket): Family {
    return {
      ...this.#options,
      lateEnv,
      socket,
      isUp: () => this.#isUp,
      isLive: () => this.#isLive,
      addresses: () => this.#addresses(),
      takeStandby: () => this.#standby.take(),
      changed: () => this.#changed(),
    }
  }

  #addresses(): Readonly<Record<string, readonly Address[]>> {
    const addresses: Record<string, Address[]> = {}
    for (const { service, address } of this.#replicas) {
      if (address) (addresses[service] ??= []).push(address)
    }
    return addresses
  }

  #changed(): void {
    if (this.#isUp) this.#standby.prepare(this.#replicas.length)
    this.#tellAll()
  }

  #tellOfSlowReading(): void {
    const { config, replaces, onLine } = this.#options
    onLine("hanok", `${config} is still being read: ${whyReadingTakesLong}`)
    onLine(
      "hanok",
      `  If it does not end, mend what process ${this.#scout.pid} waits for and save${replaces ? "; the version before goes on" : ""}.`,
    )
  }

  #tellOfProgress(): void {
    const serving = this.#replicas.filter(({ address }) => address).length
    const all = this.#replicas.length
    const { replaces, onLine } = this.#options
    const told = replaces
      ? "processes of the new version are ready; the version before goes on"
      : "processes serve; the others are starting"
    if (!this.#isOver && all > 1) onLine("hanok", `${serving} of ${all} ${told}`)
  }

  #tellAll(): void {
    for (const replica of [...this.#replicas, ...this.#leaving]) replica.tellAddresses()
  }

  #outlineNow(): Outline {
    if (this.#outline) return this.#outline
    throw new Error("The configuration has not been loaded yet.")
  }
}

function outlineFrom(process: ServiceProcess, onLine: (line: string) => void): Promise<Outline> {
  return new Promise((resolve, reject) => {
    process.keepBy({
      onMessage(message) {
        if (message.kind === "loaded") resolve(message.outline)
        else if (message.kind === "failed") reject(new CliError(message.message, message.hint, message.exitCode))
      },
      onLine,
      onExit: (how) =>
        reject(new CliError(`The configuration could not be loaded: its process ended (${how}).`, "See its output above.", 3)),
    })
  })
}
