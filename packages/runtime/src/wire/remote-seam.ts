import { setTimeout as sleep } from "node:timers/promises"
import { Fault } from "@hanok/contract"
import type { Logger } from "@hanok/contract"
import type { AddressSource } from "../discovery/address.ts"
import { addressText } from "../discovery/address.ts"
import type { PendingReply, Seam, SeamCall } from "../seam/seam.ts"
import type { ContractBook } from "./contract-book.ts"
import { Replica } from "./replica.ts"
import type { ClientConnection } from "./client-connection.ts"

export interface RemoteSeamOptions {
  /** The service to call. */
  readonly service: string
  /** The service that calls. */
  readonly caller: string
  readonly addresses: AddressSource
  readonly book: ContractBook
  readonly log: Logger
  /** A fresh token for each connection. */
  token(): Promise<string>
}

/** A seam to another service, and to all replicas of it. */
export interface RemoteSeam extends Seam {
  /** Replicas that calls can be sent to now. */
  readonly ready: number
  /** Lets calls under way end for `graceMs`, then cuts the connections. */
  close(options: { readonly graceMs: number }): Promise<void>
}

/** How long a call waits for a replica when none can be reached, at most. */
const longestWaitMs = 2_000
const mostWaiting = 1_000

/**
 * Spreads calls over the replicas of a service: of two taken at random the one with the smaller product of latency and
 * load gets the call (the power of two choices). A call finds no replica: it waits a little, then is `UNAVAILABLE`.
 */
export function createRemoteSeam(options: RemoteSeamOptions): RemoteSeam {
  const replicas = new Map<string, Replica>()
  const waiting = new Set<WaitingCall>()
  let closed = false
  const stopWatching = options.addresses.onChange(update)
  update()

  function update(): void {
    if (closed) return
    const known = new Map(options.addresses.current().map((address) => [addressText(address), address]))
    for (const [name, replica] of replicas) {
      if (known.has(name)) continue
      replicas.delete(name)
      replica.close()
    }
    for (const [name, address] of known) {
      if (!replicas.has(name)) replicas.set(name, new Replica({ ...options, address, onChange: wake }))
    }
  }

  function wake(): void {
    for (const call of waiting) call.tryAgain()
  }

  return {
    get ready() {
      return [...replicas.values()].filter((replica) => replica.connection !== undefined).length
    },
    send(call) {
      if (closed) return rejected(new Fault("UNAVAILABLE", "This service is stopping."))
      const choice = choose(replicas, call)
      if (choice.connection) return choice.connection.send(call)
      if (choice.trouble !== undefined) return rejected(new Fault("INCOMPATIBLE_CONTRACT", choice.trouble))
      if (waiting.size >= mostWaiting) return rejected(unreachable(options.service))
      return new WaitingCall(call, options.service, waiting, () => choose(replicas, call))
    },
    async close({ graceMs }) {
      closed = true
      stopWatching()
      for (const replica of replicas.values()) replica.close()
      const until = performance.now() + graceMs
      const isBusy = () => [...replicas.values()].some((replica) => replica.load > 0)
      while (isBusy() && performance.now() < until) await sleep(10)
      for (const replica of replicas.values()) replica.destroy()
      for (const call of waiting) call.cancel()
    },
  }
}

interface Choice {
  readonly connection: ClientConnection | undefined
  /** Set when replicas are there, but none whose contract fits. */
  readonly trouble: string | undefined
}

function choose(replicas: ReadonlyMap<string, Replica>, { kind, contract }: SeamCall): Choice {
  const fitting: ClientConnection[] = []
  let trouble: string | undefined
  for (const replica of replicas.values()) {
    const { connection } = replica
    if (!connection) continue
    const itsTrouble = replica.trouble(kind, contract)
    if (itsTrouble === undefined) fitting.push(connection)
    else trouble = itsTrouble
  }
  const connection = better(fitting)
  return { connection, trouble: connection ? undefined : trouble }
}

function better(connections: readonly ClientConnection[]): ClientConnection | undefined {
  if (connections.length <= 1) return connections[0]
  const first = Math.floor(Math.random() * connections.length)
  const second = (first + 1 + Math.floor(Math.random() * (connections.length - 1))) % connections.length
  const [a, b] = [connections[first], connections[second]]
  return a && b && costOf(b) < costOf(a) ? b : a
}

/** Something asked and not heard of for so long counts as latency, before the reply is there to measure. */
function costOf(connection: ClientConnection): number {
  return Math.max(connection.latencyMs, connection.silentMs, 0.05) * (connection.load + 1)
}

/** A call for which no replica can be reached yet. */
class WaitingCall implements PendingReply {
  readonly reply: Promise<unknown>
  readonly #choose: () => Choice
  readonly #call: SeamCall
  readonly #waiting: Set<WaitingCall>
  readonly #timer: NodeJS.Timeout
  readonly #since = performance.now()
  #resolve: (reply: Promise<unknown>) => void = () => undefined
  #sent: PendingReply | undefined

  constructor(call: SeamCall, service: string, waiting: Set<WaitingCall>, choose: () => Choice) {
    this.#call = call
    this.#waiting = waiting
    this.#choose = choose
    this.reply = new Promise((resolve) => (this.#resolve = resolve))
    this.#timer = setTimeout(() => this.#giveUp(unreachable(service)), Math.min(longestWaitMs, call.remainingMs))
    waiting.add(this)
  }

  tryAgain(): void {
    const { connection, trouble } = this.#choose()
    if (connection) {
      const remainingMs = Math.max(1, this.#call.remainingMs - (performance.now() - this.#since))
      this.#stopWaiting()
      this.#sent = connection.send({ ...this.#call, remainingMs })
      this.#resolve(this.#sent.reply)
    } else if (trouble !== undefined) this.#giveUp(new Fault("INCOMPATIBLE_CONTRACT", trouble))
  }

  cancel(): void {
    if (this.#sent) this.#sent.cancel()
    else this.#giveUp(new Fault("CANCELLED", "The call was cancelled before it was sent."))
  }

  #giveUp(fault: Fault): void {
    this.#stopWaiting()
    this.#resolve(Promise.reject(fault))
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer)
    this.#waiting.delete(this)
  }
}

function unreachable(service: string): Fault {
  return new Fault("UNAVAILABLE", `No replica of ${service} can be reached; the call was not sent.`)
}

function rejected(fault: Fault): PendingReply {
  return { reply: Promise.reject(fault), cancel: () => undefined }
}
