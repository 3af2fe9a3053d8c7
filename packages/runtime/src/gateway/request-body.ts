import type { IncomingHttpHeaders, IncomingMessage } from "node:http"
import { getHeapStatistics } from "node:v8"
import { Fault } from "@hanok/contract"
import { HttpProblem } from "./http-problem.ts"
import { parseJsonBody } from "./json-body.ts"

/** Told once: what the body is, `undefined` when there is none; or what is wrong with it, an `HttpProblem` or a `Fault`. */
export interface BodyReceiver {
  received(body: unknown): void
  refused(error: unknown): void
  /** Told before, if some of the body is still on its way. */
  awaits?(body: AwaitedBody): void
}

/** A body that has not come as a whole yet. */
export interface AwaitedBody {
  /** Reads no more of it, and tells the receiver why. */
  refuse(error: unknown): void
}

/**
 * Of all bodies together that this process is reading, in bytes: clients that each send little enough, and slowly, fill any memory. One
 * that comes alone may have all of its limit.
 */
const mostBytes = getHeapStatistics().heap_size_limit / 4
let heldBytes = 0

/** Reads a request's body, which is JSON or nothing. When the connection breaks, the receiver may never hear of it. */
export function readJsonBody(request: IncomingMessage, limitBytes: number, receiver: BodyReceiver): void {
  const problem = problemOf(request.headers, limitBytes)
  if (problem) receiver.refused(problem)
  else if (isWithout(request.headers)) receiver.received(undefined)
  // What has come with the headers is there when all has been dealt with that was read at once: most bodies, then, are there as a whole.
  else setImmediate(read, request, limitBytes, receiver)
}

function read(request: IncomingMessage, limitBytes: number, receiver: BodyReceiver): void {
  if (request.complete) readWhole(request, limitBytes, receiver)
  else if (!request.destroyed) new BodyReader(request, limitBytes, receiver).begin()
}

function readWhole(request: IncomingMessage, limitBytes: number, receiver: BodyReceiver): void {
  // Typed as anything, for a stream may have been told how to decode what it reads.
  const bytes = request.read() as Buffer | null
  // Of a connection that has broken meanwhile nothing is left to read.
  if (!bytes && request.destroyed) return
  if (bytes && bytes.length > limitBytes) receiver.refused(tooLarge(limitBytes))
  else give(bytes ?? nothing, receiver)
}

const nothing = Buffer.alloc(0)

function give(bytes: Buffer, receiver: BodyReceiver): void {
  try {
    receiver.received(parseJsonBody(bytes))
  } catch (error) {
    receiver.refused(error)
  }
}

function problemOf(headers: IncomingHttpHeaders, limitBytes: number): HttpProblem | undefined {
  const type = headers["content-type"]
  if (type === undefined ? !isWithout(headers) : type !== "application/json" && !jsonType.test(type)) return wrongType(type)
  const coding = headers["content-encoding"]
  if (coding !== undefined && !/^identity$/i.test(coding)) return wrongCoding(coding)
  return Number(headers["content-length"]) > limitBytes ? tooLarge(limitBytes) : undefined
}

const jsonType = /^application\/json\s*(?:;|$)/i

// RFC 9112, section 6.3: a request with neither header has no body.
function isWithout({ "content-length": length, "transfer-encoding": encoding }: IncomingHttpHeaders): boolean {
  return encoding === undefined && (length === undefined || length === "0")
}

class BodyReader implements AwaitedBody {
  readonly #request: IncomingMessage
  readonly #limitBytes: number
  readonly #receiver: BodyReceiver
  readonly #chunks: Buffer[] = []
  #sizeBytes = 0
  #isOver = false

  constructor(request: IncomingMessage, limitBytes: number, receiver: BodyReceiver) {
    this.#request = request
    this.#limitBytes = limitBytes
    this.#receiver = receiver
  }

  begin(): void {
    this.#receiver.awaits?.(this)
    this.#request
      .on("data", (chunk: Buffer) => this.#add(chunk))
      .on("end", () => this.#end())
      .on("error", () => this.refuse(new HttpProblem("MALFORMED_REQUEST", "The request could not be read to its end.")))
      .on("close", () => this.#letGo())
  }

  // What comes after too much is read and forgotten, for the answer still has to leave on the connection.
  #add(chunk: Buffer): void {
    if (this.#isOver) return
    this.#sizeBytes += chunk.length
    heldBytes += chunk.length
    if (this.#sizeBytes > this.#limitBytes) this.refuse(tooLarge(this.#limitBytes))
    else if (heldBytes > mostBytes && heldBytes > this.#sizeBytes) this.refuse(tooMuchAtOnce())
    else this.#chunks.push(chunk)
  }

  #end(): void {
    if (this.#isOver) return
    this.#letGo()
    const [first] = this.#chunks
    give(first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks), this.#receiver)
  }

  refuse(error: unknown): void {
    if (this.#isOver) return
    this.#letGo()
    this.#chunks.length = 0
    this.#receiver.refused(error)
  }

  #letGo(): void {
    this.#isOver = true
    heldBytes -= this.#sizeBytes
    this.#sizeBytes = 0
  }
}

function wrongType(type: string | undefined): HttpProblem {
  const named = type === undefined ? "of no stated type" : `of type ${type.slice(0, 100)}`
  return new HttpProblem("UNSUPPORTED_MEDIA_TYPE", `The body is ${named}, not application/json.`)
}

// RFC 9110, section 15.5.16.
function wrongCoding(coding: string): HttpProblem {
  const message = `The body is encoded as ${coding.slice(0, 100)}; it is read as it is.`
  return new HttpProblem("UNSUPPORTED_MEDIA_TYPE", message, { headers: { "accept-encoding": "identity" } })
}

function tooLarge(limitBytes: number): HttpProblem {
  return new HttpProblem("BODY_TOO_LARGE", `The body is larger than ${limitBytes} bytes.`)
}

function tooMuchAtOnce(): Fault {
  const message = `The bodies of requests that are being read have ${Math.round(mostBytes / 1024 ** 2)} MiB together, which is the most.`
  return new Fault("OVERLOADED", message, { retryAfterMs: 1_000 })
}
