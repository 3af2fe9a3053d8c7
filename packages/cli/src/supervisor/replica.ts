import { setTimeout as sleep } from "node:timers/promises"
import type { Address } from "@hanok/runtime"
import { CliError } from "../cli-error.ts"
import { BackOff } from "./back-off.ts"
import type { Family, ReplicaNews } from "./family.ts"
import type { FromService, ReplicaLoad } from "./message.ts"
import { Seeding } from "./seeding.ts"
import { ServiceProcess } from "./service-process.ts"

export interface ReplicaOptions {
  readonly family: Family
  readonly service: string
  readonly label: string
  readonly reason: string
  readonly hasGateway: boolean
  readonly reportsLoad: boolean
  /** Started already, and not given to anybody yet. */
  readonly spare?: ServiceProcess | undefined
}

/** A gateway whose service is not ready for so long answers what it can, rather than let its clients wait. */
const openAnywayMs = 1_000
/** A process tells its load twice a second. One that has not for so long does something else without a pause. */
const silentMs = 2_000
const idle: ReplicaLoad = { inFlight: 0, limit: 0, queued: 0, utilisation: 0, eventLoopDelayMs: 0, eventLoopUtilisation: 0 }

/** Of an end that nobody here brought about: the kernel leaves no other sign. */
const killedByOthers = "SIGKILL, as the kernel sends when memory runs out, unless somebody sent it"

/** One place in a service: a process, and after a crash the next one. */
export class Replica {
  readonly service: string
  readonly label: string
  /** Rejects with a `CliError` when it is given up, and never resolves. */
  readonly givenUp: Promise<never>
  /** Resolves when its gateway takes connections; rejects with a `CliError` when it is given up before. */
  readonly opened: Promise<void>
  /** Where it takes calls, while it is ready. */
  address: Address | undefined
  #load: ReplicaLoad | undefined
  #toldLoadAtMs = 0
  readonly #options: ReplicaOptions
  readonly #backOff = new BackOff()
  #ready = Promise.withResolvers<void>()
  readonly #givenUp = Promise.withResolvers<never>()
  readonly #opened = Promise.withResolvers<void>()
  readonly #seeding: Seeding
  readonly #stop = new AbortController()
  #process: ServiceProcess
  #started: Address | undefined
  #wasReady = false
  #reason = ""

  constructor(options: ReplicaOptions) {
    this.#options = options
    this.service = options.service
    this.label = options.label
    this.givenUp = this.#givenUp.promise
    this.opened = this.#opened.promise
    for (const promise of [this.givenUp, this.opened]) promise.catch(() => undefined)
    this.#seeding = new Seeding(options.label, () => this.#process.tell({ kind: "seed" }))
    this.#process = this.#start(options.spare, options.reason)
  }

  /** Resolves when it serves, after a crash when it does again. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** How busy it is; undefined where it does not serve yet, or is never asked. */
  get load(): ReplicaLoad | undefined {
    const isSilent = performance.now() - this.#toldLoadAtMs > silentMs
    return this.#load && isSilent ? { ...this.#load, eventLoopUtilisation: 1 } : this.#load
  }

  tellAddresses(): void {
    this.#process.tell({ kind: "addresses", addresses: this.#options.family.addresses() })
  }

  /** Lets the outside in, when it has begun. */
  open(): void {
    const { hasGateway, family } = this.#options
    if (!hasGateway || !this.#started || !family.isLive()) return
    const { host, port } = family.socket
    this.#process.tell({ kind: "open", host, port }, family.socket)
  }

  seed(): Promise<unknown> {
    return this.#seeding.run(this.address !== undefined)
  }

  /** Takes nothing new, lets what is under way end, and is not started again. */
  async close(how: { readonly graceMs: number; readonly lingerMs?: number }, reason: string): Promise<void> {
    const isFirst = !this.#stop.signal.aborted
    this.#giveUp(new CliError(`${this.label} was stopped before it was ready.`, "", 3))
    // Between a crash and the next start there is nothing to finish.
    if (isFirst && this.#wasReady) this.#tellNews(this.#process.hasEnded ? "ended" : "draining", reason)
    await this.#process.stop(how)
  }

  /** At once. */
  kill(): void {
    this.#giveUp(new CliError(`${this.label} was killed.`, "", 3))
    this.#process.kill()
  }

  #giveUp(error: CliError): void {
    this.#stop.abort()
    this.#givenUp.reject(error)
    this.#opened.reject(error)
    this.#seeding.giveUp()
  }

  #start(spare: ServiceProcess | undefined, reason: string): ServiceProcess {
    const { family } = this.#options
    const process = spare ?? new ServiceProcess(family.config, family.env)
    const hasTold = process.isLoaded
    this.#reason = reason
    this.#tellNews("starting", reason, process.pid)
    // What it has to tell already is told when this replica is complete.
    queueMicrotask(() => {
      process.keepBy({
        onMessage: (message) => this.#heard(message),
        onLine: (line) => family.onLine(this.label, line),
        onExit: (how) => void this.#ended(how),
      })
      // Whoever kept it before has heard that.
      if (hasTold) this.#begin()
    })
    return process
  }

  #heard(message: FromService): void {
    switch (message.kind) {
      case "loaded":
        return this.#begin()
      case "started":
        return this.#hasStarted(message.seam)
      case "ready":
        return this.#isReady()
      case "opened":
        return this.#opened.resolve()
      case "load":
        return this.#heardLoad(message.load)
      case "seeded":
        return this.#seeding.succeeded(message.result)
      case "not seeded":
        return this.#seeding.failed(message.message)
      case "waiting":
        return this.#tellNews("waiting", `for ${message.for.join("; ")}`)
      case "failed":
        return this.#failed(message)
    }
  }

  #begin(): void {
    const { family, service, reportsLoad } = this.#options
    this.#process.tell({ kind: "begin", service, env: family.lateEnv, reportsLoad })
    this.tellAddresses()
  }

  #hasStarted(seam: Address): void {
    this.#started = seam
    if (this.#options.hasGateway) setTimeout(() => this.open(), openAnywayMs).unref()
  }

  #isReady(): void {
    // Without an address its process has ended since it told.
    if (this.#stop.signal.aborted || !this.#started) return
    this.#wasReady = true
    this.#backOff.serves()
    this.address = this.#started
    if (this.#options.reportsLoad) this.#heardLoad(idle)
    this.open()
    this.#seeding.processServes()
    this.#options.family.changed()
    this.#tellNews("ready", this.#reason)
    this.#ready.resolve()
  }

  #heardLoad(load: ReplicaLoad): void {
    this.#load = load
    this.#toldLoadAtMs = performance.now()
  }

  #failed({ message, hint, exitCode }: Extract<FromService, { kind: "failed" }>): void {
    if (this.#options.family.isUp()) return this.#tellNews("failed", `${message} ${hint}`.trim())
    this.#giveUp(new CliError(message, hint, exitCode))
  }

  async #ended(how: string): Promise<void> {
    this.#started = undefined
    this.#load = undefined
    this.#seeding.processEnded(how)
    if (this.address) {
      this.address = undefined
      this.#ready = Promise.withResolvers<void>()
      this.#options.family.changed()
    }
    if (this.#stop.signal.aborted) return this.#wasReady ? this.#tellNews("ended", how) : undefined
    const why = how === "SIGKILL" ? killedByOthers : how
    if (this.#isOnTrial())
      return this.#giveUp(new CliError(`${this.label} ended before it was ready (${why}).`, "See its output above.", 3))
    const pauseMs = this.#backOff.failed()
    this.#tellNews("crashed", `${why}; started again in ${pauseMs} ms${this.#timesInARow()}`)
    await sleep(pauseMs, undefined, { signal: this.#stop.signal }).catch(() => undefined)
    if (!this.#stop.signal.aborted) this.#process = this.#start(this.#options.family.takeStandby(), "after a crash")
  }

  // A new version must show that it starts; the first one has nothing to fall back to. One that is up has shown it.
  #isOnTrial(): boolean {
    const { replaces, isUp } = this.#options.family
    return !this.#wasReady && replaces && !isUp()
  }

  #timesInARow(): string {
    return this.#backOff.failures > 1 ? ` (failed ${this.#backOff.failures} times in a row)` : ""
  }

  #tellNews(change: ReplicaNews["change"], reason: string, pid = this.pid): void {
    this.#options.family.onNews({ service: this.service, replica: this.label, pid, change, reason })
  }
}
