import { problemMediaType } from "@hanok/contract"
import type { FastifyInstance, FastifyReply } from "fastify"
import { messageOf } from "../error-text.ts"

export interface Health {
  isDraining(): boolean
  /** What is not ready yet; answers in time, whatever that is. */
  ready(): Promise<readonly string[]>
}

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
  return health.ready().catch((error: unknown) => [messageOf(error)])
}

function send(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply
    .code(status)
    .headers({ "content-type": status === 200 ? "application/json" : problemMediaType, "cache-control": "no-store" })
    .send(JSON.stringify(body))
}
