import { setTimeout as sleep } from "node:timers/promises"
import type { Logger } from "@hanok/contract"
import type { Address } from "../discovery/address.ts"
import { addressText } from "../discovery/address.ts"
import { now } from "../recorder/clock.ts"
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
  readonly book: ContractBook
  readonly log: Logger
  /** A fresh token for each connection. */
  token(): Promise<string>
  /** Called when it has become ready, or is so no more. */
  onChange(replica: Replica): void
}

const firstPauseMs = 50
const longestPauseMs = 1_000

/** One process of another service: keeps a connection to it, and connects again when it is lost. */
export class Replica implements Candidate {
  /** `host:port`. */
  readonly name: string
  readonly hash: number
  readonly health = new ReplicaHealth()
  readonly #options: ReplicaOptions
  #connection: ClientConnection | undefined
  #ready = false
  #hello: ServerHello | undefined
  #failures = 0
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
    return this.#ready ? this.#connection : undefined
  }

  /** Calls without a reply. */
  get load(): number {
    return this.#connection?.load ?? 0
  }

  get silentMs(): number {
    return this.#connection?.silentMs ?? 0
  }

  /** Why calls to, or events of, that contract cannot go there; `undefined` when they can. */
  trouble(kind: "call" | "event", contract: string): string | undefined {
    const theirs = this.#hello?.differing[contract]
    if (theirs === undefined) return undefined
    const name = `${kind} ${contract}`
    if (!this.#troubles.has(name)) {
      const { book } = this.#options
      this.#troubles.set(name, kind === "call" ? book.callTrouble(contract, theirs) : book.eventTrouble(contract, theirs))
    }
    return this.#troubles.get(name)
  }

  /** Sends no more there; calls under way still get their replies. */
  close(): void {
    this.#closed = true
    this.#ready = false
    this.#stopped.abort()
    this.#connection?.drain()
  }

  /** Cuts the connection; calls under way are rejected with `UNAVAILABLE`. */
  destroy(): void {
    this.close()
    this.#connection?.close("the caller is stopping")
  }

  async #connect(): Promise<void> {
    const { address, service, caller, book, log } = this.#options
    const token = await this.#options
      .token()
      .catch((error: unknown) => log.error("no token for a connection", { service, error: String(error) }))
    const { ClientConnection } = await import("./client-connection.ts")
    if (this.#closed || token === undefined) return
    const connection = new ClientConnection({
      address,
      service,
      token,
      hello: { service: caller, contracts: book.fingerprints },
      onReady: (hello) => this.#isReady(connection, hello),
      onGoAway: () => this.#goesAway(connection),
      onClosed: (reason) => {
        if (this.#connection !== connection) return
        if (this.#failures === 0 && !this.#closed) log.info("no connection", { service, address: addressText(address), reason })
        this.#lost()
      },
    })
    this.#connection = connection
  }

  #isReady(connection: ClientConnection, hello: ServerHello): void {
    if (this.#closed || this.#connection !== connection) return connection.drain()
    this.#hello = hello
    this.#troubles.clear()
    this.#ready = true
    this.#failures = 0
    this.health.becameReady(now())
    this.#options.onChange(this)
  }

  #goesAway(connection: ClientConnection): void {
    if (this.#connection === connection) this.#lost()
    connection.drain()
  }

  #lost(): void {
    this.#connection = undefined
    this.#ready = false
    this.#options.onChange(this)
    if (!this.#closed) void this.#connectLater()
  }

  // Full jitter, so that callers of a restarted replica do not all come at once.
  async #connectLater(): Promise<void> {
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#failures++)
    await sleep(Math.random() * pauseMs, undefined, { signal: this.#stopped.signal, ref: false }).catch(() => undefined)
    if (!this.#closed) await this.#connect()
  }
}
