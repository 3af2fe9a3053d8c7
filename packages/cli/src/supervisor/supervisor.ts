import { setTimeout as sleep } from "node:timers/promises"
import type { Topology } from "@hanok/contract"
import type { Address } from "@hanok/runtime"
import { CliError } from "../cli-error.ts"
import type { FromService } from "./message.ts"
import { ServiceProcess } from "./service-process.ts"

export interface SupervisorOptions {
  readonly topology: Topology
  readonly config: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** One line of a replica's output; `label` is its service, with a number when there are several. */
  onLine(label: string, line: string): void
  onNotice(message: string): void
}

/** Keeps the processes of a topology running. */
export interface Supervisor {
  /** Resolves when every replica serves; rejects with a `CliError` when one cannot start. */
  readonly ready: Promise<void>
  readonly gatewayUrl: string | undefined
  /** Of all replicas that run. */
  readonly pids: readonly number[]
  /** Runs the configuration's `seed` and gives back what it returns. */
  seed(): Promise<unknown>
  close(): Promise<void>
}

const graceMs = 5_000
const firstPauseMs = 100
const longestPauseMs = 5_000
/** A replica that ran so long and then crashed begins with the shortest pause again. */
const stableMs = 10_000

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const family = new Family(options)
  const services = options.topology.services.flatMap(({ name, replicas }) =>
    Array.from({ length: replicas.min }, (_, index) => new Replica(family, name, replicas.max > 1 ? `${name}.${index + 1}` : name)),
  )
  family.replicas.push(...services)
  const ready = Promise.all(services.map((replica) => replica.ready)).then(() => undefined)
  // Whoever waits for `ready` hears of it; whoever only closes does not.
  ready.catch(() => undefined)
  return {
    ready,
    get gatewayUrl() {
      return services.find((replica) => replica.gatewayUrl !== undefined)?.gatewayUrl
    },
    get pids() {
      return services.flatMap((replica) => replica.pid ?? [])
    },
    seed() {
      const replica = services.find(({ gatewayUrl }) => gatewayUrl !== undefined)
      return replica ? replica.seed() : Promise.resolve(undefined)
    },
    async close() {
      await Promise.all(services.map((replica) => replica.close()))
    },
  }
}

/** What the replicas of a topology have in common. */
class Family {
  readonly options: SupervisorOptions
  readonly replicas: Replica[] = []

  constructor(options: SupervisorOptions) {
    this.options = options
  }

  /** Tells every replica where all of them are. */
  tellAddresses(): void {
    const addresses: Record<string, Address[]> = {}
    for (const { service, address } of this.replicas) {
      if (address) (addresses[service] ??= []).push(address)
    }
    for (const replica of this.replicas) replica.tell({ kind: "addresses", addresses })
  }
}

class Replica {
  readonly service: string
  readonly ready: Promise<void>
  address: Address | undefined
  gatewayUrl: string | undefined
  readonly #family: Family
  readonly #label: string
  readonly #ready = Promise.withResolvers<void>()
  readonly #seeded = Promise.withResolvers<unknown>()
  #process: ServiceProcess
  #startedAt = 0
  #crashes = 0
  #failed = false
  #closing = false

  constructor(family: Family, service: string, label: string) {
    this.service = service
    this.#family = family
    this.#label = label
    this.ready = this.#ready.promise
    this.#seeded.promise.catch(() => undefined)
    this.#process = this.#start()
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  tell(message: Parameters<ServiceProcess["tell"]>[0]): void {
    this.#process.tell(message)
  }

  seed(): Promise<unknown> {
    this.#process.tell({ kind: "seed" })
    return this.#seeded.promise
  }

  async close(): Promise<void> {
    this.#closing = true
    await this.#process.stop(graceMs)
  }

  #start(): ServiceProcess {
    const { config, env, onLine } = this.#family.options
    this.#startedAt = performance.now()
    return new ServiceProcess({
      config,
      service: this.service,
      env,
      onMessage: (message) => this.#heard(message),
      onLine: (line) => onLine(this.#label, line),
      onExit: (how) => void this.#ended(how),
    })
  }

  #heard(message: FromService): void {
    if (message.kind === "listening") {
      this.address = message.seam
      this.gatewayUrl = message.gatewayUrl
      this.#family.tellAddresses()
    } else if (message.kind === "ready") this.#ready.resolve()
    else if (message.kind === "seeded") this.#seeded.resolve(message.result)
    else if (message.kind === "waiting") this.#family.options.onNotice(`${this.#label} waits for ${message.for.join("; ")}`)
    else this.#fail(new CliError(message.message, message.hint, 3))
  }

  #fail(error: CliError): void {
    this.#failed = true
    this.#ready.reject(error)
    this.#seeded.reject(error)
  }

  async #ended(how: string): Promise<void> {
    this.address = undefined
    this.#family.tellAddresses()
    if (this.#closing || this.#failed) return
    this.#crashes = performance.now() - this.#startedAt > stableMs ? 0 : this.#crashes + 1
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, this.#crashes - 1))
    this.#family.options.onNotice(`${this.#label} ended (${how}); it is started again in ${pauseMs} ms`)
    await sleep(pauseMs)
    if (!this.#closing) this.#process = this.#start()
  }
}
