import { connect } from "node:net"
import type { Socket } from "node:net"
import { parseResponse } from "./http-response.ts"
import type { HttpResponse } from "./http-response.ts"

/** What is given to the kernel at once, while calls on other connections wait; smaller pieces cost more altogether. */
const pieceBytes = 256 * 1024
/** Whoever answers with more than that has not understood. */
const longestAnswer = 1024 * 1024

/**
 * A connection to one HTTP server on which one request at a time is made. It keeps no process alive.
 * Node's own client is not used on purpose: see ADR 7.
 */
export class PostConnection {
  readonly #socket: Socket
  #answer = ""
  #isSent = false
  #waiting: PromiseWithResolvers<HttpResponse> | undefined

  /** A connection that is open, or about to be. */
  private constructor(socket: Socket) {
    this.#socket = socket.setNoDelay().unref()
    let trouble: Error | undefined
    socket
      .setEncoding("latin1")
      .on("data", (text: string) => this.#read(text))
      .on("error", (error: Error) => (trouble = error))
      .on("close", () => this.#waiting?.reject(trouble ?? new Error("the connection was closed before the answer")))
  }

  static async to({ protocol, hostname, port }: URL): Promise<PostConnection> {
    // In a URL an IPv6 address has brackets.
    const host = hostname.replace(/^\[|\]$/g, "")
    if (protocol !== "https:") return new PostConnection(connect(Number(port || 80), host))
    const tls = await import("node:tls")
    return new PostConnection(tls.connect({ host, port: Number(port || 443), ALPNProtocols: ["http/1.1"], ...serverNameOf(host) }))
  }

  /** Whether another request can be made. */
  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable
  }

  /** `head` is the request line and the headers. Rejects when the connection breaks before all of the answer has come. */
  post(head: string, body: Uint8Array): Promise<HttpResponse> {
    this.#waiting = Promise.withResolvers()
    this.#answer = ""
    this.#isSent = false
    this.#socket.cork()
    this.#socket.write(head, "latin1")
    this.#writeFrom(body, 0)
    this.#socket.uncork()
    return this.#waiting.promise
  }

  close(reason: string): void {
    this.#socket.destroy(new Error(reason))
  }

  // A turn for each piece, since copying it all into a socket is a long turn.
  #writeFrom(body: Uint8Array, from: number): void {
    if (this.#socket.destroyed) return
    const to = Math.min(from + pieceBytes, body.length)
    this.#isSent = to === body.length
    if (this.#isSent) this.#socket.write(body.subarray(from))
    else this.#socket.write(body.subarray(from, to), () => setImmediate(() => this.#writeFrom(body, to)))
  }

  #read(text: string): void {
    this.#answer += text
    try {
      const response = parseResponse(this.#answer)
      if (!response && this.#answer.length > longestAnswer) throw new Error(`an answer of more than ${longestAnswer} bytes`)
      if (response) this.#settle(response)
    } catch (error) {
      this.#socket.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #settle(response: HttpResponse): void {
    this.#waiting?.resolve(response)
    this.#waiting = undefined
    // An answer that came before all was sent: the rest is not wanted.
    if (!response.isReusable || !this.#isSent) this.#socket.destroy()
  }
}

// An address is no name that a certificate could be asked for (RFC 6066, section 3).
function serverNameOf(host: string): { readonly servername?: string } {
  return /^[\d.]+$|:/.test(host) ? {} : { servername: host }
}
