import { Agent, request as httpRequest } from "node:http"
import type { ClientRequest } from "node:http"
import { Agent as SecureAgent, request as httpsRequest } from "node:https"
import { urlToHttpOptions } from "node:url"
import { untraced } from "./otel/untraced.ts"

export interface Poster {
  /** Resolves with the status and, for a refusal that may be repeated, when. Rejects when the connection failed or `timeoutMs` passed. */
  post(body: Uint8Array, timeoutMs: number): Promise<Answer>
  /** Ends what is under way. */
  close(): void
}

interface Answer {
  readonly status: number
  readonly retryAfterMs: number | undefined
}

/** Posts bodies of one media type to one URL over a kept connection, one at a time. */
export function createPoster(url: string, contentType: string, headers: Readonly<Record<string, string>>): Poster {
  const target = new URL(url)
  const secure = target.protocol === "https:"
  const agent = secure ? new SecureAgent({ keepAlive: true, maxSockets: 1 }) : new Agent({ keepAlive: true, maxSockets: 1 })
  const send = secure ? httpsRequest : httpRequest
  const options = { ...urlToHttpOptions(target), method: "POST", agent }
  let underWay: ClientRequest | undefined
  const post = (body: Uint8Array, timeoutMs: number) =>
    new Promise<Answer>((resolve, reject) => {
      const own = { "content-type": contentType, "content-length": body.length }
      let late = false
      const fail = (error: Error) => reject(late ? new Error(`no answer within ${timeoutMs} ms`) : error)
      const request = send({ ...options, headers: { ...headers, ...own } }, (response) => {
        response.resume()
        response.on("error", fail)
        response.on("end", () => resolve({ status: response.statusCode ?? 0, retryAfterMs: retryAfter(response.headers["retry-after"]) }))
      })
      const timer = setTimeout(() => {
        late = true
        request.destroy(new Error("late"))
      }, timeoutMs)
      // An export that is under way keeps no process alive: `close` waits for it where it matters.
      timer.unref()
      request.on("socket", (socket) => socket.unref())
      request.on("error", fail)
      request.on("close", () => clearTimeout(timer))
      underWay = request
      writeInPieces(request, body, 0)
    })
  return {
    post: (body, timeoutMs) => untraced(() => post(body, timeoutMs)),
    close() {
      underWay?.destroy(new Error("closed"))
      agent.destroy()
    },
  }
}

/** What is given to the kernel at once: about as much as calls on other connections can wait for without notice. */
const pieceBytes = 32 * 1024

// A turn for each piece, since copying half a megabyte into a socket is a long turn.
function writeInPieces(request: ClientRequest, body: Uint8Array, from: number): void {
  if (request.destroyed) return
  const to = from + pieceBytes
  if (to >= body.length) return void request.end(body.subarray(from))
  request.write(body.subarray(from, to), () => setImmediate(writeInPieces, request, body, to))
}

function retryAfter(header: string | undefined): number | undefined {
  const seconds = Number(header)
  return header === undefined || Number.isNaN(seconds) ? undefined : seconds * 1000
}
