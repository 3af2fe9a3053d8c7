import { Agent, request as httpRequest } from "node:http"
import { Agent as SecureAgent, request as httpsRequest } from "node:https"
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

/** Posts bodies of one media type to one URL over a kept connection. */
export function createPoster(url: string, contentType: string, headers: Readonly<Record<string, string>>): Poster {
  const target = new URL(url)
  const secure = target.protocol === "https:"
  const agent = secure ? new SecureAgent({ keepAlive: true, maxSockets: 1 }) : new Agent({ keepAlive: true, maxSockets: 1 })
  const send = secure ? httpsRequest : httpRequest
  const closing = new AbortController()
  const post = (body: Uint8Array, timeoutMs: number) =>
    new Promise<Answer>((resolve, reject) => {
      const timeout = AbortSignal.timeout(timeoutMs)
      const signal = AbortSignal.any([closing.signal, timeout])
      const own = { "content-type": contentType, "content-length": body.length }
      const request = send(target, { method: "POST", agent, signal, headers: { ...headers, ...own } }, (response) => {
        response.resume()
        response.on("error", reject)
        response.on("end", () => resolve({ status: response.statusCode ?? 0, retryAfterMs: retryAfter(response.headers["retry-after"]) }))
      })
      request.on("error", (error) => reject(timeout.aborted ? new Error(`no answer within ${timeoutMs} ms`) : error))
      // An export that is under way keeps no process alive: `close` waits for it where it matters.
      request.on("socket", (socket) => socket.unref())
      request.end(body)
    })
  return {
    post: (body, timeoutMs) => untraced(() => post(body, timeoutMs)),
    close() {
      closing.abort()
      agent.destroy()
    },
  }
}

function retryAfter(header: string | undefined): number | undefined {
  const seconds = Number(header)
  return header === undefined || Number.isNaN(seconds) ? undefined : seconds * 1000
}
