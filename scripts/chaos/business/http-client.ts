import { Agent, request } from "node:http"

interface HttpCall {
  readonly method: "GET" | "POST"
  readonly path: string
  readonly body?: unknown
  readonly token?: string
  readonly idempotencyKey?: string
  readonly timeoutMs: number
}

/** What came back; status 0 with a code of our own (`NETWORK`, `TIMEOUT`) when nothing did. */
export interface HttpAnswer {
  readonly status: number
  /** Parsed JSON. */
  readonly body: unknown
  /** Of a problem document. */
  readonly code: string | undefined
  readonly ms: number
}

/** A client that knows nothing of the shop but HTTP. It never rejects and never repeats. */
export interface HttpClient {
  send(call: HttpCall): Promise<HttpAnswer>
  close(): void
}

export function createHttpClient(url: string): HttpClient {
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true, maxSockets: 512, maxFreeSockets: 64 })
  return {
    send: (call) => send(agent, hostname, Number(port), call),
    close: () => agent.destroy(),
  }
}

function send(agent: Agent, host: string, port: number, call: HttpCall): Promise<HttpAnswer> {
  const begun = performance.now()
  const text = call.body === undefined ? undefined : JSON.stringify(call.body)
  return new Promise((resolve) => {
    const nothing = (code: string) => resolve({ status: 0, body: undefined, code, ms: performance.now() - begun })
    const { method, path } = call
    const outgoing = request({ agent, host, port, method, path, headers: headersOf(call, text) }, (response) => {
      const chunks: Buffer[] = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("error", () => nothing("NETWORK"))
      response.on("end", () => {
        clearTimeout(patience)
        const body = jsonOf(Buffer.concat(chunks).toString("utf8"))
        const status = response.statusCode ?? 0
        resolve({ status, body, code: status < 400 ? undefined : codeOf(body, status), ms: performance.now() - begun })
      })
    })
    const patience = setTimeout(() => {
      nothing("TIMEOUT")
      outgoing.destroy()
    }, call.timeoutMs)
    outgoing.on("error", () => {
      clearTimeout(patience)
      nothing("NETWORK")
    })
    outgoing.end(text)
  })
}

function headersOf({ token, idempotencyKey }: HttpCall, text: string | undefined): Record<string, string> {
  return {
    accept: "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    ...(text === undefined ? {} : { "content-type": "application/json", "content-length": String(Buffer.byteLength(text)) }),
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function codeOf(body: unknown, status: number): string {
  const named = typeof body === "object" && body !== null && "code" in body ? body.code : undefined
  return typeof named === "string" ? named : `HTTP_${status}`
}
