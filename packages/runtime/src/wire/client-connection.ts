import type { ClientRequest } from "node:http"
import { isIP } from "node:net"
import type { Socket } from "node:net"
import { Fault } from "@hanok/contract"
import type { Address } from "../discovery/address.ts"
import { addressText } from "../discovery/address.ts"
import { messageOf } from "../error-text.ts"
import { every } from "../every.ts"
import { request } from "../http.ts"
import { now } from "../recorder/clock.ts"
import { asAnswerLost } from "../seam/answer-lost.ts"
import { targetText } from "../seam/seam.ts"
import type { SeamCall } from "../seam/seam.ts"
import { CallTable } from "./call-table.ts"
import { FrameDecoder } from "./codec.ts"
import type { ClientHello, ServerHello } from "./contract-book.ts"
import { FrameSender } from "./frame-sender.ts"
import { FrameReader, freshCodec, frameKinds, longestFrameBytes } from "./frame.ts"
import { mostTargets } from "./message.ts"
import type { CallMessage, ReplyMessage, TargetMessage } from "./message.ts"
import type { Carrier, WireAttempt } from "./wire-attempt.ts"

export interface ClientConnectionOptions {
  readonly address: Address
  /** The service expected there, for messages. */
  readonly service: string
  readonly token: string
  readonly hello: ClientHello
  onReady(hello: ServerHello): void
  /** It takes no more calls; for `lingerMs` more, in milliseconds, those for which there is nobody else. */
  onGoAway(lingerMs: number): void
  /** Called once, also when no connection came about; calls that had no reply have been rejected. */
  onClosed(reason: string): void
}

const connectTimeoutMs = 2_000
const keepAliveMs = 10_000
const pingEveryMs = 500
/** A peer that is silent for so long, though it was asked, is taken for dead. */
const silentMs = 3_000
/** So often was it asked; who was held up itself for so long has not asked, and has not listened. */
const mostUnanswered = silentMs / pingEveryMs
const mostCalls = 4_096
/** Two of the largest frames; more do not wait for a peer that takes them slowly. */
const mostUnsentBytes = 2 * longestFrameBytes

/** The caller's end of a connection to one replica. */
export class ClientConnection implements Carrier {
  readonly #options: ClientConnectionOptions
  readonly #reader = new FrameReader()
  readonly #decoder = new FrameDecoder()
  readonly #targets = new Map<string, number>()
  readonly #underWay = new CallTable<WireAttempt>()
  /** Asks to be let in. */
  #asking: ClientRequest | undefined
  #socket: Socket | undefined
  #sender: FrameSender<CallMessage> | undefined
  #stopChecking: () => void = () => undefined
  #nextId = 0
  #closed = false
  #draining = false
  #greeted = false
  #lastHeardMs = now()
  /** Something was sent since something was heard: also when nobody waits for the answer any more. */
  #isUnheard = false
  /** Pings since something was heard. */
  #unanswered = 0

  constructor(options: ClientConnectionOptions) {
    this.#options = options
    this.#connect()
  }

  /** Calls without a reply. */
  get load(): number {
    return this.#underWay.size
  }

  /** How long nothing has been heard, in milliseconds, while something was asked; 0 when nothing is. */
  get silentMs(): number {
    return this.#underWay.size === 0 ? 0 : now() - this.#lastHeardMs
  }

  /** To be called only between `onReady` and `onClosed`. */
  send(attempt: WireAttempt): void {
    if (!this.#socket || !this.#sender || this.#closed) return attempt.notSent(this.#lost("is not open; the call was not sent"))
    if (this.#underWay.size >= mostCalls || this.#socket.writableLength > mostUnsentBytes) {
      const message = `Too many calls to ${this.#options.service} wait for an answer; this one was not sent.`
      return attempt.notSent(new Fault("OVERLOADED", message, { retryAfterMs: 100 }))
    }
    const id = (this.#nextId = (this.#nextId + 1) >>> 0)
    // A callee that is silent is so, however many callers have given up one after the other.
    if (this.#underWay.size === 0 && !this.#isUnheard) this.#expectAnswer(attempt.sentAtMs)
    this.#isUnheard = true
    attempt.id = id
    this.#underWay.add(attempt)
    this.#sender.add(this.#messageOf(this.#sender, id, attempt.call))
  }

  /** Sends no more; closes when every reply is there. The caller has stopped sending. */
  drain(): void {
    this.#draining = true
    this.#endWhenDrained()
  }

  /** `isByCallee`: its end was closed, as that of a process that has ended; calls under way are lost with that. */
  close(reason: string, isByCallee = false): void {
    if (this.#closed) return
    this.#closed = true
    this.#stopChecking()
    // Whoever is there may go on answering for ever.
    this.#asking?.destroy()
    this.#socket?.destroy()
    const lost = this.#underWay.takeAll()
    const nowMs = now()
    for (const attempt of lost) {
      const fault = this.#lost(`was lost before the reply: ${reason}`)
      attempt.lost(isByCallee ? asAnswerLost(fault) : fault, nowMs)
    }
    this.#options.onClosed(reason)
  }

  #connect(): void {
    const { address, token } = this.#options
    const asking = request({
      host: address.host,
      port: address.port,
      path: "/hanok",
      headers: { connection: "Upgrade", upgrade: "hanok/1", authorization: `Bearer ${token}` },
      agent: false,
    })
    this.#asking = asking
    asking.on("socket", (socket) => limit(asking, socket, isIP(address.host) > 0))
    asking.on("upgrade", (_response, socket: Socket, head: Buffer) => this.#connected(socket, head))
    asking.on("response", (response) => {
      // Why a token was refused, a service says there: its own clock, or the secret, is another.
      const [, why] = /error_description="([^"]*)"/.exec(response.headers["www-authenticate"] ?? "") ?? []
      this.close(`it answered ${response.statusCode}${why === undefined ? "" : `: ${why}`}`)
    })
    asking.on("error", (error) => this.close(messageOf(error)))
    asking.end()
  }

  #connected(socket: Socket, head: Buffer): void {
    if (this.#closed) return void socket.destroy()
    this.#socket = socket
    this.#expectAnswer(now())
    socket.setNoDelay(true)
    // While nothing is asked nothing is missed: the system finds out whether the other side, and the way to it, is still there.
    socket.setKeepAlive(true, keepAliveMs)
    socket.setTimeout(0)
    socket.on("data", (chunk: Buffer) => this.#read(chunk))
    socket.on("error", (error: NodeJS.ErrnoException) => this.close(messageOf(error), closings.has(error.code)))
    socket.on("close", () => this.close("the connection was closed", true))
    this.#sender = new FrameSender(socket, frameKinds.calls, ([id], error) => this.#unsendable(id, error))
    this.#sender.send(frameKinds.hello, this.#options.hello)
    this.#stopChecking = every(pingEveryMs, () => this.#check())
    if (head.length > 0) this.#read(head)
  }

  #expectAnswer(nowMs: number): void {
    this.#lastHeardMs = nowMs
    this.#unanswered = 0
  }

  #read(chunk: Buffer): void {
    this.#expectAnswer(now())
    this.#isUnheard = false
    try {
      this.#reader.push(chunk, (kind, body) => this.#handle(kind & ~freshCodec, this.#decoder.decode(kind, body)))
    } catch (error) {
      this.close(`what it sent is not understood (${String(error)})`)
    }
  }

  #handle(kind: number, body: unknown): void {
    if (kind === frameKinds.replies) {
      // Messages of an authenticated peer of the same protocol version.
      for (const reply of body as readonly ReplyMessage[]) this.#settle(reply)
    } else if (kind === frameKinds.hello) this.#greet(body as ServerHello)
    else if (kind === frameKinds.goAway) this.#options.onGoAway(Number(body))
    else if (kind !== frameKinds.pong) throw new Error(`a frame of the unknown kind ${kind}`)
  }

  #greet(hello: ServerHello): void {
    this.#greeted = true
    this.#options.onReady(hello)
  }

  #settle(reply: ReplyMessage): void {
    const attempt = this.#underWay.take(reply[0])
    // A call that was cancelled meanwhile.
    if (!attempt) return
    attempt.answered(reply, this.#lastHeardMs)
    this.#endWhenDrained()
  }

  cancel({ id }: WireAttempt): boolean {
    if (!this.#underWay.take(id)) return false
    // After the call itself, which leaves with this turn's batch.
    setImmediate(() => {
      if (!this.#closed) this.#sender?.send(frameKinds.cancel, [id])
      this.#endWhenDrained()
    })
    return true
  }

  #endWhenDrained(): void {
    if (this.#draining && this.#underWay.size === 0) this.close("it was drained")
  }

  #unsendable(id: number, error: unknown): void {
    const attempt = this.#underWay.take(id)
    if (!attempt) return
    const { contract, operation } = attempt.call
    attempt.notSent(new Fault("INVALID_INPUT", `The input of ${contract}.${operation} cannot be sent: ${String(error)}.`))
  }

  #check(): void {
    if (this.#underWay.size === 0 && this.#greeted && !this.#isUnheard) return
    const quietMs = now() - this.#lastHeardMs
    if (quietMs < pingEveryMs) return
    if (quietMs > silentMs && this.#unanswered >= mostUnanswered) return this.close(`it was silent for ${Math.round(quietMs)} ms`)
    this.#unanswered += 1
    this.#sender?.send(frameKinds.ping, null)
  }

  #messageOf(sender: FrameSender<CallMessage>, id: number, call: SeamCall): CallMessage {
    const { trace, identity } = call
    return [
      id,
      this.#targetOf(sender, call),
      Math.floor(call.remainingMs),
      trace.trace0,
      trace.trace1,
      trace.trace2,
      trace.trace3,
      trace.span0,
      trace.span1,
      identity?.subject ?? null,
      identity?.roles ?? null,
      call.idempotencyKey ?? null,
      call.input,
    ]
  }

  #targetOf(sender: FrameSender<CallMessage>, call: SeamCall): number {
    const name = call.target ?? targetText(call)
    const known = this.#targets.get(name)
    if (known !== undefined) return known
    const { kind, caller, contract, operation, subscriber = null, priority = null, wantsJson = false, passedOn = false } = call
    const number = this.#targets.size
    this.#targets.set(name, number)
    const target: TargetMessage = [number, kind, caller, contract, operation, subscriber, priority, wantsJson, passedOn]
    sender.send(frameKinds.target, target)
    // Whose calls are passed on may be anybody. The next one is named on another connection.
    if (this.#targets.size === mostTargets) this.#options.onGoAway(0)
    return number
  }

  #lost(how: string): Fault {
    const { service, address } = this.#options
    return new Fault("UNAVAILABLE", `The connection to ${service} at ${addressText(address)} ${how}.`)
  }
}

/** Errors that tell of the callee's end being closed. Others, such as a host that is not reached, tell of the way there. */
const closings: ReadonlySet<string | undefined> = new Set(["ECONNRESET", "EPIPE"])

// A look-up has its own limits, those of the system: where its first name server is away it takes five seconds, each time.
function limit(asking: ClientRequest, socket: Socket, isFound: boolean): void {
  socket.on("timeout", () => asking.destroy(new Error(`no answer within ${connectTimeoutMs} ms`)))
  if (isFound) socket.setTimeout(connectTimeoutMs)
  else socket.once("lookup", () => socket.setTimeout(connectTimeoutMs))
}
