import { Agent, request as httpRequest } from "node:http"
import { request as httpsRequest } from "node:https"

export interface Poster {
  /** Resolves with the status and, for a refusal that may be repeated, when. Rejects when the connection failed. */
  post(body: Uint8Array, timeoutMs: number): Promise<{ readonly status: number; readonly retryAfterMs: number | undefined }>
  close(): void
}

/** Posts protobuf bodies to one URL over a kept connection. */
export function createPoster(url: string, headers: Readonly<Record<string, string>>): Poster {
  const target = new URL(url)
  const secure = target.protocol === "https:"
  const agent = secure ? undefined : new Agent({ keepAlive: true, maxSockets: 1 })
  const send = secure ? httpsRequest : httpRequest
  return {
    post: (body, timeoutMs) =>
      new Promise((resolve, reject) => {
        const options = {
          method: "POST",
          timeout: timeoutMs,
          headers: { "content-type": "application/x-protobuf", "content-length": body.length, ...headers },
        }
        const request = send(target, agent ? { ...options, agent } : options, (response) => {
          response.resume()
          response.on("error", reject)
          response.on("end", () => resolve({ status: response.statusCode ?? 0, retryAfterMs: retryAfter(response.headers["retry-after"]) }))
        })
        request.on("timeout", () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)))
        request.on("error", reject)
        // An export that is under way keeps no process alive: `close` waits for it where it matters.
        request.on("socket", (socket) => socket.unref())
        request.end(body)
      }),
    close: () => agent?.destroy(),
  }
}

function retryAfter(header: string | undefined): number | undefined {
  const seconds = Number(header)
  return header === undefined || Number.isNaN(seconds) ? undefined : seconds * 1000
}
