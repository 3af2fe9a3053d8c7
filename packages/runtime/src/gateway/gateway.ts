import type { AddressInfo, Server } from "node:net"
import { gatewayPaths } from "@hanok/contract"
import type { Logger, Topology } from "@hanok/contract"
import type { FastifyInstance, FastifyReply } from "fastify"
import type { Authenticator } from "../auth/authenticator.ts"
import { addressText } from "../discovery/address.ts"
import type { Edge } from "../edge.ts"
import { live, outsideLine, readiness } from "../health.ts"
import type { Health } from "../health.ts"
import type { Gate } from "../resilience/gate.ts"
import { createAdmission } from "./admission.ts"
import { addCall } from "./calls.ts"
import { closeGently } from "./close-gently.ts"
import type { Closing } from "./close-gently.ts"
import { answerClientError, answerExpectation, spanned } from "./client-error.ts"
import { addDocuments } from "./documents.ts"
import { createDoor } from "./door.ts"
import { createHttpServer } from "./http-server.ts"
import { routesOf } from "./routes.ts"
import { addUnknown } from "./unknown.ts"

export interface GatewayConfiguration {
  /** Its contracts are the routes; its `gateway` gives the limits. */
  readonly topology: Topology
  readonly edge: Edge
  readonly auth: Authenticator
  readonly log: Logger
  /** What is not ready, a line each; empty when the gateway may be sent requests, which it may not any more when it is about to close. */
  readonly unready: () => Promise<readonly string[]>
  /** 0 takes a free one. */
  readonly port: number
  /** `127.0.0.1` when not given: this machine only. */
  readonly host?: string | undefined
  /** Makes the server listen, now or later, in place of `host` and `port`: on a socket that somebody else has bound. */
  readonly listen?: ((server: Server) => void) | undefined
}

export interface Gateway {
  /** For example `http://127.0.0.1:3000`. */
  readonly url: string
  readonly address: AddressInfo
  /** Where requests wait for their turn. */
  readonly gate: Gate
  /**
   * Takes no new connections after `lingerMs`, lets requests under way finish for `graceMs`, then cuts them.
   * Requests that still come are answered and told to close. Resolves when every connection is closed; a second call, whatever it
   * says, with the first.
   */
  close(options: Closing): Promise<void>
}

/**
 * Lets the outside in: HTTP and JSON, as the contracts say. Rejects when the port is taken (`EADDRINUSE`),
 * or two operations have the same route.
 */
export async function createGateway(configuration: GatewayConfiguration): Promise<Gateway> {
  const { topology, edge, auth, log } = configuration
  const { bodyLimitBytes, trustedProxies } = topology.gateway
  const routes = routesOf(topology, gatewayPaths)
  const admission = createAdmission(topology.gateway)
  const door = createDoor({ edge, auth, log, admission, hasProxies: trustedProxies.length > 0 })
  const app = await createHttpServer({
    trustedProxies,
    onError: door.refuse,
    onClientError: (error, socket) => answerClientError(error, socket, (problem) => spanned(edge, problem)),
    onExpectation: (response) => answerExpectation(edge, response),
  })
  // Neither is limited or traced: they are asked every few seconds, and most when the service is at its limits.
  app.get("/health/live", (_, reply) => tell(reply, live))
  app.get("/health/ready", async (_, reply) => tell(reply, readiness((await configuration.unready()).map(outsideLine))))
  for (const route of routes) addCall(app, door, route, bodyLimitBytes)
  addDocuments(app, door, topology, routes)
  addUnknown(app, door, [...routes, ...gatewayPaths.map((path) => ({ method: "GET", path }))])
  await listen(app, configuration)
  let closing: Promise<void> | undefined
  return {
    ...placeOf(app, configuration),
    gate: admission.gate,
    close(options) {
      closing ??= closeGently(app, options, configuration.listen !== undefined).finally(() => admission.gate.close())
      return closing
    },
  }
}

function tell(reply: FastifyReply, { status, mediaType, body }: Health): FastifyReply {
  return reply.code(status).headers({ "content-type": mediaType, "cache-control": "no-store" }).send(body)
}

const thisMachine = "127.0.0.1"

async function listen(app: FastifyInstance, { listen: listenElsewhere, host = thisMachine, port }: GatewayConfiguration): Promise<void> {
  if (!listenElsewhere) return void (await app.listen({ host, port }))
  await app.ready()
  listenElsewhere(app.server)
}

function placeOf(app: FastifyInstance, { host = thisMachine, port }: GatewayConfiguration): Pick<Gateway, "url" | "address"> {
  // `address()` is an AddressInfo for a server that listens on TCP, and null for one that will later.
  const address = (app.server.address() as AddressInfo | null) ?? { address: host, family: "IPv4", port }
  return { address, url: `http://${addressText({ host, port: address.port })}` }
}
