import type { Server as HttpServer } from "node:http"
import { Server } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import type { FastifyInstance } from "fastify"
import { longestTimerMs } from "../context/deadlines.ts"

/** How a server goes. */
export interface Closing {
  /** How long requests under way may take to finish; then they are cut. */
  readonly graceMs: number
  /**
   * How long connections are still taken, unless somebody else listens on the port, so that load balancers have time to see that
   * it is not ready; and one without a request is kept, so that the next request on it is answered, with `Connection: close`, and
   * not lost because it crossed our closing. Services that know nobody else yet are answered for as long. 0 when not given; no longer
   * than `graceMs`.
   */
  readonly lingerMs?: number
}

/** How long the request of a connection that was taken last may be on its way. */
const crossingMs = 1_000

/** Closes the server without losing a request. `isPortShared`: others listen on its port, and take what comes from now on. */
export async function closeGently(app: FastifyInstance, closing: Closing, isPortShared: boolean): Promise<void> {
  const graceMs = Math.min(closing.graceMs, longestTimerMs)
  const { lingerMs = 0 } = closing
  const cutting = setTimeout(() => app.server.closeAllConnections(), graceMs)
  if (lingerMs > 0 && app.server.listening) await linger(app.server, Math.min(lingerMs, graceMs), isPortShared)
  // A connection kept alive is idle only after the answer that was under way on it.
  const tidying = setInterval(() => app.server.closeIdleConnections(), 20)
  await app.close()
  clearTimeout(cutting)
  clearInterval(tidying)
}

/** Goes on serving for so long, has each answer tell to close, and then takes no more connections. */
export async function linger(server: HttpServer, lingerMs: number, isPortShared: boolean): Promise<void> {
  server.prependListener("request", (_, response) => response.setHeader("connection", "close"))
  if (!isPortShared) await sleep(lingerMs)
  const left = new Promise<void>((resolve) => server.once("close", resolve))
  // That of an HTTP server would close idle connections at once; this one only stops listening.
  Server.prototype.close.call(server)
  await Promise.race([left, sleep(isPortShared ? lingerMs : crossingMs, undefined, { ref: false })])
}
