import { setTimeout as sleep } from "node:timers/promises"
import type { Json, Logger } from "@hanok/contract"
import { longestTimerMs } from "../context/deadlines.ts"
import type { Address } from "../discovery/address.ts"
import { addressText } from "../discovery/address.ts"
import { now } from "../recorder/clock.ts"
import { fullJitterMs } from "../resilience/backoff.ts"
import type { Candidate } from "../resilience/balance.ts"
import { hashOf } from "../resilience/rendezvous.ts"
import { ReplicaHealth } from "../resilience/replica-health.ts"
import type { ClientConnection } from "./client-connection.ts"
import type { ContractBook, ServerHello } from "./contract-book.ts"

export interface ReplicaOptions {
  readonly address: Address
  /** The service that runs there. */
  readonly service: string
  /** The service that connects. */
  readonly caller: string
  /** See `RemoteSeamOptions`. */
  readonly services: readonly string[]
  readonly book: ContractBook
  readonly log: Logger
  /** A fresh token for each connection. */
  token(): Promise<string>
  /** Called when it has become ready, or is so no more. */
  onChange(replica: Replica): void
}

const pauses = { firstMs: 50, longestMs: 1_000 }
/** A peer that says something else each time is not told of for ever. */
const mostTold = 10

/** One process of another service: keeps a connection to it, and connects again when it is lost. */
export class Replica implements Candidate {
  /** `host:port`. */
  readonly name: string
  readonly hash: number
  readonly health = new ReplicaHealth()
  readonly #options: ReplicaOptions
  #connection: ClientConnection | undefined
  /** Of a process that goes, and still takes calls for which there is nobody else. */
  #leaving: ClientConnection | undefined
  #lingering: NodeJS.Timeout | undefined
  /** With those that take no more calls. */
  readonly #connections = new Set<ClientConnection>()
  #ready = false
  /** Runs until a connection has lasted for so long that its loss is another one's, and nothing of before. */
  #lasting: NodeJS.Timeout | undefined
  #awaySinceMs = now()
  #hello: ServerHello | undefined
  #failures = 0
  /** Why there was no connection since one lasted: each kind of reason is told once. */
  readonly #told = new Set<string>()
  #closed = false
  readonly #stopped = new AbortController()
  readonly #troubles = new Map<string, string | undefined>()

  constructor(options: ReplicaOptions) {
    this.#options = options
    this.name = addressText(options.address)
    this.hash = hashOf(this.name)
    void this.#connect()
  }

  /** The connection, when calls may be sent. */
  get connection(): ClientConnection | undefined {
    return this.#ready ? this.#connection : this.#leaving
  }

  /** Whether calls may be sent only while no other replica takes them. */
  get isLeaving(): boolean {
    return !this.#ready && this.#leaving !== undefined
  }

  /** Since when it is known and not ready; `undefined` while it is. */
  get awaySinceMs(): number | undefined {
    return this.#ready ? undefined : this.#awaySinceMs
  }

  /** Whether a connection to it is left. */
  get isOpen(): boolean {
    return this.#connections.size > 0
  }

  /** Whether no call waits for a reply, not even on a connection that takes no more of them. */
  get isIdle(): boolean {
    for (const connection of this.#connections) if (connection.load > 0) return false
    return true
  }

  /** Calls without a reply. */
  get load(): number {
    return this.connection?.load ?? 0
  }

  get silentMs(): number {
    return this.connection?.silentMs ?? 0
  }

  /** Whether it says that the module lives there. */
  hosts(module: string): boolean {
    return this.#hello?.modules?.includes(module) === true
  }

  /** Why calls to, or events of, that contract cannot go there; `undefined` when they can. */
  trouble(kind: "call" | "event", contract: string): string | undefined {
    const theirs = this.#hello?.differing[contract]
    if (theirs === undefined) return undefined
    const name = `${kind} ${contract}`
    if (!this.#troubles.has(name)) this.#troubles.set(name, this.#compare(kind, contract, theirs))
    return this.#troubles.get(name)
  }

  // Where other replicas still fit, no call fails by it: that this one gets none would be seen nowhere.
  #compare(kind: "call" | "event", contract: string, theirs: Json): string | undefined {
    const { book, service, log } = this.#options
    const reason = kind === "call" ? book.callTrouble(contract, theirs) : book.eventTrouble(contract, theirs)
    if (reason !== undefined)
      log.error(`a replica's contract does not fit; it gets no ${kind}s`, { callee: service, replica: this.name, reason })
    return reason
  }

  /** Sends no more to a process that goes: there is another one. */
  letGo(): void {
    clearTimeout(this.#lingering)
    const leaving = this.#leaving
    this.#leaving = undefined
    leaving?.drain()
  }

  /** Sends no more there; calls under way still get their replies. */
  close(): void {
    this.#closed = true
    this.#ready = false
    this.letGo()
    clearTimeout(this.#lasting)
    this.#stopped.abort()
    this.#connection?.drain()
  }

  /** Cuts the connections; calls under way are rejected with `UNAVAILABLE`. */
  destroy(): void {
    this.close()
    for (const connection of this.#connections) connection.close("the caller is stopping")
  }

  async #connect(): Promise<void> {
    const { service, log } = this.#options
    try {
      const token = await this.#options.token()
      const { ClientConnection } = await import("./client-connection.ts")
      if (!this.#closed) this.#open(ClientConnection, token)
    } catch (error) {
      if (this.#failures === 0) log.error("a connection could not be begun", { callee: service, error: String(error) })
      void this.#connectLater()
    }
  }

  // What connects is not loaded by a process that calls nobody.
  #open(Connection: typeof ClientConnection, token: string): void {
    const { address, service, caller, book } = this.#options
    const connection = new Connection({
      address,
      service,
      token,
      hello: { service: caller, contracts: book.fingerprints },
      onReady: (hello) => this.#isReady(connection, hello),
      onGoAway: (lingerMs) => this.#goesAway(connection, lingerMs),
      onClosed: (reason) => {
        this.#connections.delete(connection)
        if (this.#leaving === connection) this.#hasLeft()
        if (this.#connection !== connection) return
        this.#tell(reason)
        this.#lost()
      },
    })
    this.#connection = connection
    this.#connections.add(connection)
  }

  // What keeps it away may be something else than at first: it started only now, and has another secret.
  #tell(reason: string): void {
    if (this.#failures === 0) this.#told.clear()
    const kind = reason.replaceAll(/\d+/g, "")
    if (this.#closed || this.#told.has(kind) || this.#told.size >= mostTold) return
    this.#told.add(kind)
    const { service, address, log } = this.#options
    log.info("no connection", { callee: service, address: addressText(address), reason })
  }

  // Who comes only to go is in trouble, too.
  #lasts(): void {
    this.#failures = 0
    if (this.#told.size === 0) return
    this.#told.clear()
    const { service, address, log } = this.#options
    log.info("connected", { callee: service, address: addressText(address) })
  }

  #isReady(connection: ClientConnection, hello: ServerHello): void {
    if (this.#closed || this.#connection !== connection) return connection.drain()
    if (this.#isAnother(hello.service)) return connection.close(`the service ${hello.service} is there now`)
    this.#hello = hello
    this.#troubles.clear()
    this.#ready = true
    this.#lasting = setTimeout(() => this.#lasts(), pauses.longestMs).unref()
    this.health.becameReady(now())
    this.#options.onChange(this)
  }

  // An address may be given to another process before everybody has heard of it.
  #isAnother(service: string): boolean {
    const { service: wanted, services } = this.#options
    return service !== wanted && services.includes(service)
  }

  // Who takes its place may not be known yet, where it is found by DNS.
  #goesAway(connection: ClientConnection, lingerMs: number): void {
    if (this.#connection !== connection) return connection.drain()
    const lingers = this.#ready && lingerMs > 0
    if (lingers) {
      this.#leaving = connection
      this.#lingering = setTimeout(() => this.#hasLeft(), Math.min(lingerMs, longestTimerMs)).unref()
    }
    this.#failures = 0
    this.#lost()
    if (!lingers) connection.drain()
  }

  #hasLeft(): void {
    this.letGo()
    this.#options.onChange(this)
  }

  #lost(): void {
    clearTimeout(this.#lasting)
    this.#connection = undefined
    if (this.#ready) this.#awaySinceMs = now()
    this.#ready = false
    this.#options.onChange(this)
    if (!this.#closed) void this.#connectLater()
  }

  // By chance, so that callers of a restarted replica do not all come at once.
  async #connectLater(): Promise<void> {
    await sleep(fullJitterMs(pauses, this.#failures++), undefined, { signal: this.#stopped.signal, ref: false }).catch(() => undefined)
    if (!this.#closed) await this.#connect()
  }
}
