import { Agent, request } from "node:http"
import type { OutgoingHttpHeaders } from "node:http"
import type { Reaction } from "../judge.ts"

interface HttpInput {
  readonly method: string
  readonly path: string
  readonly headers: OutgoingHttpHeaders
  readonly body: Buffer | undefined
}

/** Sends whole requests over connections that are kept. */
export interface HttpSender {
  /** `undefined` when no answer came in time. */
  send(input: HttpInput): Promise<Reaction | undefined>
  close(): void
}

const patienceMs = 20_000

export function createHttpSender(port: number): HttpSender {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const once = ({ method, path, headers, body }: HttpInput) =>
    new Promise<Reaction | Error | undefined>((resolve) => {
      const end = (what: Reaction | Error) => {
        clearTimeout(timer)
        resolve(what)
      }
      const outgoing = request({ agent, host: "127.0.0.1", port, method, path, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.on("error", end)
        response.on("end", () => end(reactionOf(response.statusCode ?? 0, Buffer.concat(chunks).toString("utf8"))))
      })
      // Refused before the body was sent: the answer is what counts.
      outgoing.on("error", end)
      outgoing.end(body)
      const timer = setTimeout(() => {
        resolve(undefined)
        outgoing.destroy()
      }, patienceMs)
    })
  return {
    async send(input) {
      const first = await once(input)
      if (!(first instanceof Error)) return first
      // A kept connection may be closed by the server in the very moment in which it is used; a second one is not.
      const second = await once(input)
      return second instanceof Error ? { status: 0, code: undefined, body: "" } : second
    },
    close: () => agent.destroy(),
  }
}

/** An answer, with the code of its problem document if it is one. */
export function reactionOf(status: number, body: string): Reaction {
  const code = status >= 400 ? /"code":"([A-Z_0-9]+)"/.exec(body)?.[1] : undefined
  return { status, code, body }
}
