import { problemMediaType } from "@hanok/contract"
import type { FastifyInstance, FastifyReply } from "fastify"

export interface Health {
  isDraining(): boolean
  /** What is not ready yet. */
  ready(): Promise<readonly string[]>
}

const readyTimeoutMs = 2_000

/**
 * `GET /health/live`: the process answers. `GET /health/ready`: it may be sent requests.
 * Neither is limited or traced: they are asked every few seconds, and most when the service is at its limits.
 */
export function addHealth(app: FastifyInstance, health: Health): void {
  app.get("/health/live", (_, reply) => send(reply, 200, { status: "live" }))
  app.get("/health/ready", async (_, reply) => {
    const missing = await missingOf(health)
    if (missing.length === 0) return send(reply, 200, { status: "ready" })
    return send(reply, 503, {
      type: "about:blank",
      title: "UNAVAILABLE",
      status: 503,
      code: "UNAVAILABLE",
      detail: `Not ready: ${missing.join(", ")}.`,
      missing,
    })
  })
}

async function missingOf(health: Health): Promise<readonly string[]> {
  if (health.isDraining()) return ["draining: no new requests, please"]
  const timeout = new AbortController()
  const late = new Promise<readonly string[]>((resolve) => {
    const timer = setTimeout(() => resolve([`an answer within ${readyTimeoutMs} ms`]), readyTimeoutMs)
    timeout.signal.addEventListener("abort", () => clearTimeout(timer))
  })
  const failed = (error: unknown) => [error instanceof Error ? error.message : String(error)]
  const missing = await Promise.race([health.ready().catch(failed), late])
  timeout.abort()
  return missing
}

function send(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply
    .code(status)
    .headers({ "content-type": status === 200 ? "application/json" : problemMediaType, "cache-control": "no-store" })
    .send(JSON.stringify(body))
}
