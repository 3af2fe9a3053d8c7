import type { AddressInfo } from "node:net"
import { fastify } from "fastify"
import type { FastifyReply, FastifyRequest } from "fastify"
import type { Telemetry } from "../telemetry.ts"
import { otlpRoutes } from "./otlp-routes.ts"
import { isLoopback, isOwnName } from "./own-name.ts"
import { problem, queryRoutes } from "./query-routes.ts"
import { readBeforeClosing } from "./read-before-closing.ts"

export interface TelemetryServerOptions {
  readonly telemetry: Telemetry
  /** `127.0.0.1` when not given: this machine only, and by names of its own only. It asks nobody who they are. */
  readonly host?: string
  /** 4318, OTLP's own, when not given; 0 takes a free one. */
  readonly port?: number
}

export interface TelemetryServer {
  /** Where OTLP is sent (`OTEL_EXPORTER_OTLP_ENDPOINT`) and questions are asked. */
  readonly url: string
  /** Ends what is under way and stops; the telemetry stays open. */
  close(): Promise<void>
}

/** From the first byte of a request to its last. */
const requestTimeoutMs = 30_000

/**
 * Receives OTLP over HTTP (`POST /v1/traces`, `/v1/logs`; protobuf and JSON, gzip too) and answers `GET /api/traces`,
 * `GET /api/traces/{traceId}`, `GET /api/logs` and `GET /health`. Rejects when the port is taken (`EADDRINUSE`).
 */
export async function createTelemetryServer({
  telemetry,
  host = "127.0.0.1",
  port = 4318,
}: TelemetryServerOptions): Promise<TelemetryServer> {
  const app = fastify({ logger: false, forceCloseConnections: true, requestTimeout: requestTimeoutMs })
  readBeforeClosing(app.server)
  app.setNotFoundHandler((request, reply) =>
    problem(reply, 404, "NOT_FOUND", `Nothing answers ${request.method} ${request.url.slice(0, 200)}.`),
  )
  if (isLoopback(host)) app.addHook("onRequest", refuseOtherNames)
  app.register(async (scope) => otlpRoutes(scope, telemetry))
  app.register(async (scope) => queryRoutes(scope, telemetry))
  await app.listen({ host, port })
  // `address()` is an AddressInfo for a server that listens on TCP.
  const address = app.server.address() as AddressInfo
  return { url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`, close: () => app.close() }
}

function refuseOtherNames({ headers }: FastifyRequest, reply: FastifyReply, done: () => void): void {
  if (isOwnName(headers.host)) return done()
  const detail = `What is kept here is for this machine, which is not called ${headers.host?.slice(0, 200)}. Ask 127.0.0.1 or localhost.`
  problem(reply, 421, "MISDIRECTED_REQUEST", detail)
}
