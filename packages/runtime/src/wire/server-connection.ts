import type { Socket } from "node:net"
import { Fault } from "@hanok/contract"
import type { Logger } from "@hanok/contract"
import { frozenIdentity } from "../context/frozen-identity.ts"
import type { Compartment, Gate } from "../resilience/gate.ts"
import { targetText } from "../seam/seam.ts"
import type { Seam } from "../seam/seam.ts"
import { Arrival } from "./arrival.ts"
import type { Destination, Target } from "./arrival.ts"
import { CallTable } from "./call-table.ts"
import { FrameDecoder } from "./codec.ts"
import { differingContracts } from "./contract-book.ts"
import type { ContractBook, ServerHello } from "./contract-book.ts"
import { FrameSender } from "./frame-sender.ts"
import { FrameReader, freshCodec, frameKinds } from "./frame.ts"
import { callOf, helloOf, listOf, targetOf } from "./incoming.ts"
import { mostTargets, replyOfError, replyOfUnsendable } from "./message.ts"
import type { CallMessage, ReplyMessage, TargetMessage } from "./message.ts"
import type { OperationBook } from "./operation-book.ts"
import { declaresUse, usesOf } from "./service-token.ts"
import type { ServiceIdentity } from "./service-token.ts"

export interface ServerConnectionOptions {
  readonly socket: Socket
  /** Bytes that came with the request to upgrade. */
  readonly head: Buffer
  readonly peer: ServiceIdentity
  readonly service: string
  readonly instance: string
  /** Those that live here. */
  readonly modules: readonly string[]
  readonly seam: Seam
  readonly gate: Gate
  readonly operationOf: OperationBook
  readonly book: ContractBook
  readonly log: Logger
  onClosed(connection: ServerConnection): void
}

/** What a peer may have under way on one connection; its own limits are far below. */
const mostCalls = 10_000
/** Whoever sends more than that, in one frame or many, is told now and then that it is heard. */
const muchBytes = 64 * 1024
const tellEveryMs = 500
/** Answers that the peer does not take: beyond this no more calls are read from it until it does. */
const mostUnsentBytes = 4 * 1024 * 1024

/** The callee's end of a connection: reads calls, passes them to the seam, answers. */
export class ServerConnection {
  readonly #options: ServerConnectionOptions
  readonly #socket: Socket
  readonly #reader = new FrameReader()
  readonly #decoder = new FrameDecoder()
  readonly #sender: FrameSender<ReplyMessage>
  readonly #targets = new Map<number, Target>()
  /** Those of its targets, by the name of the caller. */
  readonly #compartments = new Map<string, Compartment>()
  readonly #underWay = new CallTable<Arrival>()
  readonly #destination: Destination
  #draining = false
  /** Read since the peer was told that it is heard. */
  #untoldBytes = 0
  #toldAtMs = 0

  constructor(options: ServerConnectionOptions) {
    this.#options = options
    const { seam, gate } = options
    this.#destination = { seam, gate, answer: (reply) => this.#answer(reply), identityOf: createIdentities() }
    this.#socket = options.socket
    this.#sender = new FrameSender(this.#socket, frameKinds.replies, ([id], error) => this.#sender.add(replyOfUnsendable(id, error)))
    this.#socket.setNoDelay(true)
    this.#socket.setKeepAlive(true, 10_000)
    this.#socket.on("data", (chunk: Buffer) => this.#read(chunk))
    this.#socket.on("drain", () => this.#socket.resume())
    this.#socket.on("error", () => this.#socket.destroy())
    // Sockets of an HTTP server stay half open when the other side ends.
    this.#socket.on("end", () => this.#socket.destroy())
    this.#socket.on("close", () => this.#closed())
    if (options.head.length > 0) this.#read(options.head)
  }

  /** Whether no more calls are read from the peer, because it does not take its answers. */
  get isHeld(): boolean {
    return this.#socket.isPaused()
  }

  /**
   * Asks the peer to send its calls elsewhere; where that has nobody else yet, it may go on for `lingerMs`. The peer closes the
   * connection when it has every answer, so that none is lost.
   */
  drain(lingerMs: number): void {
    if (this.#draining) return
    this.#draining = true
    this.#sender.send(frameKinds.goAway, lingerMs)
  }

  #read(chunk: Buffer): void {
    try {
      this.#reader.push(chunk, (kind, body) => this.#handle(kind, this.#decoder.decode(kind, body)))
    } catch (error) {
      this.#options.log.warn("a connection was cut: what it sent is not understood", {
        peer: this.#options.peer.name,
        error: String(error),
      })
      this.#socket.destroy()
    }
    this.#untoldBytes += chunk.length
    if (this.#untoldBytes > muchBytes) this.#tellThatHeard()
    if (this.#socket.writableLength > mostUnsentBytes) this.#socket.pause()
  }

  // The peer's ping waits behind what it sends; where that takes long, it would take this side for dead.
  #tellThatHeard(): void {
    const nowMs = this.#options.gate.now()
    if (nowMs - this.#toldAtMs < tellEveryMs) return
    this.#toldAtMs = nowMs
    this.#untoldBytes = 0
    this.#sender.send(frameKinds.pong, null)
  }

  #handle(kind: number, body: unknown): void {
    switch (kind & ~freshCodec) {
      case frameKinds.hello:
        return this.#greet(body)
      case frameKinds.target:
        return this.#name(targetOf(body))
      case frameKinds.calls:
        return this.#callAll(listOf(body))
      case frameKinds.cancel:
        return listOf(body).forEach((id) => this.#cancel(Number(id)))
      case frameKinds.ping:
        return this.#sender.send(frameKinds.pong, null)
      default:
        throw new Error(`a frame of the unknown kind ${kind}`)
    }
  }

  #greet(body: unknown): void {
    const { contracts } = helloOf(body)
    const { service, instance, book, modules } = this.#options
    const hello: ServerHello = { service, instance, differing: differingContracts(book, contracts), modules }
    this.#sender.send(frameKinds.hello, hello)
  }

  #callAll(messages: readonly unknown[]): void {
    const nowMs = this.#options.gate.now()
    for (const message of messages) this.#call(callOf(message), nowMs)
  }

  #call(message: CallMessage, nowMs: number): void {
    const [id, number] = message
    if (this.#underWay.get(id) || this.#underWay.size >= mostCalls) throw new Error(`the call ${id} is one too many`)
    const target = this.#target(number)
    if (!target.isOwn) return this.#answer(replyOfError(id, this.#foreign(target.message[2])))
    const arrival = new Arrival(this.#destination, message, target)
    this.#underWay.add(arrival)
    arrival.arrive(nowMs)
  }

  // The token says for whom the peer may speak.
  #isOwn(caller: string): boolean {
    const { modules, name, uses } = this.#options.peer
    return modules.includes(caller) || (uses.length > 0 && caller === name)
  }

  #foreign(caller: string): Fault {
    return new Fault("FORBIDDEN", `${this.#options.peer.name} called in the name of ${caller}, for which it does not speak.`)
  }

  #cancel(id: number): void {
    const arrival = this.#underWay.get(id)
    // Nobody waits for an answer; what has begun gives one all the same.
    if (arrival && !arrival.isIn) this.#underWay.take(id)
    arrival?.cancel()
  }

  #answer(reply: ReplyMessage): void {
    this.#underWay.take(reply[0])
    this.#sender.add(reply)
  }

  #name(message: TargetMessage): void {
    if (this.#targets.size >= mostTargets) throw new Error("too many targets")
    const { operationOf } = this.#options
    const [number, kind, caller, contract, operation, subscriber] = message
    const priority = message[6] ?? undefined
    const passedOn = message[8] === true && this.#options.peer.passesOn === true
    const name = targetText({ caller, contract, operation, subscriber: subscriber ?? undefined, priority, passedOn })
    // Who passes it on has let the caller in.
    const isOwn = passedOn || this.#isOwn(caller)
    // Names that a peer makes up get no place of their own.
    const compartment = this.#compartmentOf(isOwn ? caller : this.#options.peer.name)
    this.#targets.set(number, {
      message,
      name,
      operation: operationOf({ kind, contract, operation, priority }),
      compartment,
      isOwn,
      uses: passedOn ? undefined : usesOf(this.#options.peer, caller),
      isDeclared: declaresUse(this.#options.peer, caller, contract),
      passedOn,
    })
  }

  #compartmentOf(caller: string): Compartment {
    const known = this.#compartments.get(caller)
    if (known) return known
    const kept = this.#options.gate.keep(caller)
    this.#compartments.set(caller, kept)
    return kept
  }

  #target(number: number): Target {
    const known = this.#targets.get(number)
    if (!known) throw new Error(`the target ${number} was never named`)
    return known
  }

  #closed(): void {
    for (const arrival of this.#underWay.takeAll()) arrival.cancel()
    for (const compartment of this.#compartments.values()) this.#options.gate.letGo(compartment)
    this.#options.onClosed(this)
  }
}

/** Calls that follow each other are often of one request, and for one user: the identity is made once for them. */
function createIdentities(): Destination["identityOf"] {
  let last = frozenIdentity({ subject: "", roles: [] })
  return (subject, roles) => {
    if (last.subject !== subject || !isSame(last.roles, roles)) last = frozenIdentity({ subject, roles })
    return last
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false
  for (let index = 0; index < some.length; index++) if (some[index] !== others[index]) return false
  return true
}
