import { Agent } from "undici"
import type { Actor } from "../../../examples/shop/load/crowd.ts"
import type { Exchange } from "../../../examples/shop/load/api.ts"

/** Somebody who asks for nothing in particular, with the HTTP client that the shop's customers use. */
export function createPinger(url: string, onExchange: (exchange: Exchange) => void) {
  const agent = new Agent()
  const actor: Actor = {
    async act() {
      const begun = performance.now()
      const { statusCode, body } = await agent.request({ origin: url, path: "/", method: "GET" })
      await body.json()
      const code = statusCode < 400 ? undefined : `HTTP_${statusCode}`
      onExchange({ operation: "ping", status: statusCode, code, ms: performance.now() - begun, traceId: "" })
    },
  }
  return { actor, close: () => agent.close() }
}
