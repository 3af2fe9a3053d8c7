import http from "node:http"
import https from "node:https"
import { Fault } from "@hanok/contract"
import type { WireRequest } from "./wire-request.ts"

/** What came back. */
export interface WireReply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

export interface Line {
  /** Rejects with the system's error, or with that of the signal's abortion. */
  send(request: WireRequest, options: SendOptions): Promise<WireReply>
  /** Cuts what is open, and sends nothing more. */
  close(): void
}

interface SendOptions {
  readonly signal: AbortSignal
  /** `user:password` for basic authentication. */
  readonly auth: string | undefined
  readonly longestReplyBytes: number
  /** A connection that was kept may have been closed by the other side meanwhile: then the request is sent once more, on a new one. */
  readonly repeatable: boolean
}

/** Connections to one system, kept for the next request. Redirects are not followed. */
export function createLine(secure: boolean, connections: number): Line {
  const { Agent } = secure ? https : http
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const request = secure ? https.request : http.request
  const closing = new AbortController()
  const attempt = async (wire: WireRequest, options: SendOptions): Promise<WireReply> => {
    closing.signal.throwIfAborted()
    const { method, url, body } = wire
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }
    const { auth } = options
    const signal = AbortSignal.any([options.signal, closing.signal])
    const sent = request(url, { agent, method, signal, headers: { ...wire.headers, ...length }, ...(auth === undefined ? {} : { auth }) })
    try {
      return await replyTo(sent, body, signal, options.longestReplyBytes)
    } catch (error) {
      if (!options.repeatable || !sent.reusedSocket || !isReset(error)) throw error
      // What happened to one has most likely happened to the others that are kept.
      for (const kept of Object.values(agent.freeSockets).flat()) kept?.destroy()
      return attempt(wire, { ...options, repeatable: false })
    }
  }
  const close = () => {
    // Also those that wait in line: they would get new connections in place of those that are cut.
    closing.abort(new Error("the line to it is closed"))
    agent.destroy()
  }
  return { send: attempt, close }
}

async function replyTo(
  sent: http.ClientRequest,
  body: string | undefined,
  signal: AbortSignal,
  longestReplyBytes: number,
): Promise<WireReply> {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    sent.once("response", resolve)
    // More than one may come: a late one must not end the process.
    sent.on("error", reject)
    // After a reply that is none, such as 101 to a request that asked for no other protocol, nothing else comes.
    sent.once("close", () => {
      signal.removeEventListener("abort", stop)
      reject(new Error("the connection was closed without a reply"))
    })
    // A request in line would tell of its end only when it gets a connection.
    const stop = () => reject(signal.reason)
    signal.addEventListener("abort", stop, { once: true })
    sent.end(body)
  })
  return { status: response.statusCode ?? 0, headers: response.headers, text: await textOf(response, longestReplyBytes) }
}

async function textOf(response: http.IncomingMessage, longestReplyBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > longestReplyBytes) throw tooLong(longestReplyBytes)
    chunks.push(chunk)
  }
  return decoderOf(response.headers["content-type"]).decode(Buffer.concat(chunks))
}

function tooLong(longestReplyBytes: number): Fault {
  return new Fault("INVALID_OUTPUT", `The legacy system's reply is longer than ${longestReplyBytes} bytes; the rest was not read.`, {
    hint: "Ask for less, or raise the adapter's longestReplyBytes.",
  })
}

// Old systems answer in the encoding of their time: EUC-KR, Shift_JIS, windows-1252.
function decoderOf(contentType: string | undefined): TextDecoder {
  const charset = /charset="?([\w-]+)/i.exec(contentType ?? "")?.[1]
  try {
    return new TextDecoder(charset ?? "utf-8")
  } catch {
    return new TextDecoder()
  }
}

function isReset(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ECONNRESET" || error.code === "EPIPE")
}
