import { promisify } from "node:util"
import { gunzip } from "node:zlib"
import type { AddressInfo } from "node:net"
import Fastify from "fastify"
import type { FastifyInstance, FastifyReply } from "fastify"
import { decodeTracesJson } from "./decode-json.ts"
import { decodeTraces } from "./decode-protobuf.ts"
import type { SpanRecord } from "./span.ts"
import type { Telemetry } from "./telemetry.ts"
import type { SpanNode, TraceTree } from "./tree.ts"

export interface TelemetryServerOptions {
  readonly telemetry: Telemetry
  /** `127.0.0.1` when not given: this machine only. */
  readonly host?: string
  /** 4318, OTLP's own, when not given; 0 takes a free one. */
  readonly port?: number
}

export interface TelemetryServer {
  readonly url: string
  close(): Promise<void>
}

const longestBodyBytes = 16 * 1024 * 1024
const unzip = promisify(gunzip)

/**
 * Receives OTLP over HTTP (`POST /v1/traces`, protobuf and JSON, gzip too) and answers `GET /api/traces` and
 * `GET /api/traces/{traceId}`. Rejects when the port is taken (`EADDRINUSE`).
 */
export async function createTelemetryServer({
  telemetry,
  host = "127.0.0.1",
  port = 4318,
}: TelemetryServerOptions): Promise<TelemetryServer> {
  const app = Fastify({ bodyLimit: longestBodyBytes, forceCloseConnections: true })
  addReceiver(app, telemetry)
  addQueries(app, telemetry)
  await app.listen({ host, port })
  // `address()` is an AddressInfo for a server that listens on TCP.
  const address = app.server.address() as AddressInfo
  return { url: `http://${host}:${address.port}`, close: () => app.close() }
}

function addReceiver(app: FastifyInstance, telemetry: Telemetry): void {
  app.removeAllContentTypeParsers()
  const types = ["application/x-protobuf", "application/json"]
  app.addContentTypeParser(types, { parseAs: "buffer" }, (_request, body, done) => done(null, body))
  app.post("/v1/traces", async (request, reply) => {
    const isJson = request.headers["content-type"]?.startsWith("application/json") ?? false
    const decoded = await decode(request.body as Buffer, request.headers["content-encoding"], isJson)
    if ("trouble" in decoded) return reply.code(400).send({ code: 3, message: decoded.trouble })
    const whole = decoded.spans.filter(isWhole)
    await telemetry.add(whole)
    return answer(reply, isJson, decoded.spans.length - whole.length)
  })
}

type Decoded = { readonly spans: readonly SpanRecord[] } | { readonly trouble: string }

async function decode(body: Buffer, encoding: string | undefined, isJson: boolean): Promise<Decoded> {
  try {
    const bytes = encoding === "gzip" ? await unzip(body, { maxOutputLength: longestBodyBytes }) : body
    return { spans: isJson ? decodeTracesJson(JSON.parse(bytes.toString("utf8"))) : decodeTraces(bytes) }
  } catch (error) {
    return { trouble: `The body is not an ExportTraceServiceRequest: ${error instanceof Error ? error.message : String(error)}` }
  }
}

// OTLP: what is invalid is rejected and counted, the rest is kept.
function isWhole(span: SpanRecord): boolean {
  return /^[0-9a-f]{32}$/.test(span.traceId) && /^[0-9a-f]{16}$/.test(span.spanId)
}

function answer(reply: FastifyReply, isJson: boolean, rejected: number): FastifyReply {
  if (isJson) return reply.send(rejected === 0 ? {} : { partialSuccess: { rejectedSpans: String(rejected) } })
  // ExportTraceServiceResponse { partial_success { rejected_spans } }, where the number is a varint.
  const varint: number[] = []
  for (let rest = rejected; rest > 0; rest = Math.floor(rest / 128)) varint.push(rest > 127 ? (rest % 128) | 128 : rest)
  const body = rejected === 0 ? [] : [0x0a, varint.length + 1, 0x08, ...varint]
  return reply.type("application/x-protobuf").send(Buffer.from(body))
}

function addQueries(app: FastifyInstance, telemetry: Telemetry): void {
  app.get("/health", () => ({ status: "live" }))
  app.get<{ Querystring: Record<string, string> }>("/api/traces", ({ query }) =>
    telemetry.traces({ limit: Number(query["limit"]) || 20, service: query["service"] ?? "", errorsOnly: query["errors"] === "true" }),
  )
  app.get<{ Params: { traceId: string } }>("/api/traces/:traceId", async ({ params }, reply) => {
    const tree = await telemetry.trace(params.traceId)
    if (tree) return treeJson(tree)
    return reply
      .code(404)
      .type("application/problem+json")
      .send({ type: "about:blank", title: "NOT_FOUND", status: 404, detail: `No span of the trace ${params.traceId} is known.` })
  })
}

function treeJson({ traceId, roots, orphans }: TraceTree): unknown {
  return { traceId, roots: roots.map(nodeJson), orphans: orphans.map(nodeJson) }
}

function nodeJson({ span, children }: SpanNode): unknown {
  const { startNs, endNs, resource: _, ...rest } = span
  return { ...rest, startMs: Number(startNs / 1000n) / 1000, durationMs: Number(endNs - startNs) / 1e6, children: children.map(nodeJson) }
}
