import type { Socket } from "node:net"
import { Fault } from "@hanok/contract"
import type { Logger } from "@hanok/contract"
import { SpanIds } from "../recorder/index.ts"
import type { PendingReply, Seam, SeamCall } from "../seam/seam.ts"
import { Batch } from "./batch.ts"
import { FrameDecoder, FrameEncoder } from "./codec.ts"
import { differingContracts } from "./contract-book.ts"
import type { ClientHello, ContractBook, ServerHello } from "./contract-book.ts"
import { FrameReader, freshCodec, frameKinds } from "./frame.ts"
import { replyOfError } from "./message.ts"
import type { CallMessage, ReplyMessage, TargetMessage } from "./message.ts"
import type { ServiceIdentity } from "./service-token.ts"

export interface ServerConnectionOptions {
  readonly socket: Socket
  /** Bytes that came with the request to upgrade. */
  readonly head: Buffer
  readonly peer: ServiceIdentity
  readonly service: string
  readonly instance: string
  readonly seam: Seam
  readonly book: ContractBook
  readonly log: Logger
  onClosed(connection: ServerConnection): void
}

/** What a peer may have under way on one connection; its own limits are far below. */
const mostCalls = 10_000
const mostTargets = 10_000
/** Answers that the peer does not take: beyond this no more calls are read from it until it does. */
const mostUnsentBytes = 4 * 1024 * 1024

/** The callee's end of a connection: reads calls, passes them to the seam, answers. */
export class ServerConnection {
  readonly #options: ServerConnectionOptions
  readonly #socket: Socket
  readonly #reader = new FrameReader()
  readonly #decoder = new FrameDecoder()
  readonly #encoder = new FrameEncoder()
  readonly #replies: Batch<ReplyMessage>
  readonly #targets = new Map<number, TargetMessage>()
  readonly #underWay = new Map<number, PendingReply>()
  #draining = false

  constructor(options: ServerConnectionOptions) {
    this.#options = options
    this.#socket = options.socket
    this.#replies = new Batch(this.#socket, this.#encoder, frameKinds.replies, ([id], error) =>
      this.#replies.add(replyOfError(id, new Fault("INVALID_OUTPUT", `The reply cannot be sent: ${String(error)}.`))),
    )
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

  /** Asks the peer to send its calls elsewhere. The peer closes the connection when it has every answer, so that none is lost. */
  drain(): void {
    if (this.#draining) return
    this.#draining = true
    this.#socket.write(this.#encoder.encode(frameKinds.goAway, null))
  }

  destroy(): void {
    this.#socket.destroy()
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
    if (this.#socket.writableLength > mostUnsentBytes) this.#socket.pause()
  }

  #handle(kind: number, body: unknown): void {
    switch (kind & ~freshCodec) {
      case frameKinds.hello:
        return this.#greet(body)
      case frameKinds.target:
        return this.#name(targetOf(body))
      case frameKinds.calls:
        return listOf(body).forEach((message) => this.#call(callOf(message)))
      case frameKinds.cancel:
        return listOf(body).forEach((id) => this.#underWay.get(Number(id))?.cancel())
      case frameKinds.ping:
        return void this.#socket.write(this.#encoder.encode(frameKinds.pong, null))
      default:
        throw new Error(`a frame of the unknown kind ${kind}`)
    }
  }

  #greet(body: unknown): void {
    const { contracts } = helloOf(body)
    const { service, instance, book } = this.#options
    const hello: ServerHello = { service, instance, differing: differingContracts(book, contracts) }
    this.#socket.write(this.#encoder.encode(frameKinds.hello, hello))
  }

  #call(message: CallMessage): void {
    const id = message[0]
    if (this.#underWay.has(id) || this.#underWay.size >= mostCalls) throw new Error(`the call ${id} is one too many`)
    const call = this.#callOf(message)
    const pending = this.#isOwn(call.caller) ? this.#options.seam.send(call) : this.#refuse(call)
    this.#underWay.set(id, pending)
    pending.reply.then(
      (output) => this.#answer([id, 0, output]),
      (error: unknown) => this.#answer(replyOfError(id, error)),
    )
  }

  // The token says for whom the peer may speak.
  #isOwn(caller: string): boolean {
    const { modules, name, uses } = this.#options.peer
    return modules.includes(caller) || (uses.length > 0 && caller === name)
  }

  #refuse(call: SeamCall): PendingReply {
    const message = `${this.#options.peer.name} called in the name of ${call.caller}, for which it does not speak.`
    return { reply: Promise.reject(new Fault("FORBIDDEN", message)), cancel: () => undefined }
  }

  #answer(reply: ReplyMessage): void {
    this.#underWay.delete(reply[0])
    this.#replies.add(reply)
  }

  #callOf(message: CallMessage): SeamCall {
    const [, target, remainingMs, trace0, trace1, trace2, trace3, span0, span1, subject, roles, key, input] = message
    const [, kind, caller, contract, operation, subscriber] = this.#target(target)
    return {
      kind,
      caller,
      contract,
      operation,
      subscriber: subscriber ?? undefined,
      input,
      remainingMs,
      trace: new SpanIds(trace0, trace1, trace2, trace3, span0, span1, 0, 0),
      identity: subject === null ? undefined : { subject, roles: roles ?? [] },
      idempotencyKey: key ?? undefined,
      uses: this.#options.peer.uses,
    }
  }

  #name(target: TargetMessage): void {
    if (this.#targets.size >= mostTargets) throw new Error("too many targets")
    this.#targets.set(target[0], target)
  }

  #target(number: number): TargetMessage {
    const known = this.#targets.get(number)
    if (!known) throw new Error(`the target ${number} was never named`)
    return known
  }

  #closed(): void {
    for (const pending of this.#underWay.values()) pending.cancel()
    this.#underWay.clear()
    this.#options.onClosed(this)
  }
}

function listOf(body: unknown): readonly unknown[] {
  if (!Array.isArray(body)) throw new Error("a frame without messages")
  return body
}

const callFields = 13

function callOf(message: unknown): CallMessage {
  if (!Array.isArray(message) || message.length !== callFields || typeof message[0] !== "number" || typeof message[2] !== "number") {
    throw new Error("a call that is none")
  }
  // The rest is looked at where it is used: the target by its number, the input by the operation's schema.
  return message as unknown as CallMessage
}

function targetOf(body: unknown): TargetMessage {
  const [number, kind, caller, contract, operation] = listOf(body)
  const isOne = typeof number === "number" && (kind === "call" || kind === "event")
  if (!isOne || ![caller, contract, operation].every((name) => typeof name === "string")) throw new Error("a target that is none")
  return body as TargetMessage
}

function helloOf(body: unknown): ClientHello {
  if (
    typeof body !== "object" ||
    body === null ||
    !("contracts" in body) ||
    typeof body.contracts !== "object" ||
    body.contracts === null
  ) {
    throw new Error("a greeting that is none")
  }
  return body as ClientHello
}
