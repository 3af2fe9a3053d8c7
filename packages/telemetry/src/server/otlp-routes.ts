import { isFault } from "@hanok/contract"
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import type { LogRecord } from "../log-record.ts"
import { decodeLogs, decodeLogsJson, isValidLog } from "../otlp/logs.ts"
import { countDataPoints, countDataPointsJson } from "../otlp/metrics.ts"
import { decodeTraces, decodeTracesJson, isValidSpan } from "../otlp/traces.ts"
import type { SpanRecord } from "../span.ts"
import type { Telemetry } from "../telemetry.ts"
import { Turns } from "../turns.ts"
import { checkKeptSize } from "./kept-size.ts"
import { exportResponse, mediaTypes, statusBody } from "./otlp-answer.ts"
import type { Encoding, PartialSuccess } from "./otlp-answer.ts"
import { decoded, encodingOf, longestBodyBytes, Refused, unpacked } from "./otlp-body.ts"
import type { Decoders } from "./otlp-body.ts"

/** Receives OTLP 1.x over HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp. To be registered where nothing else parses bodies. */
export function otlpRoutes(app: FastifyInstance, telemetry: Telemetry): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: longestBodyBytes }, (_request, body, done) => done(null, body))
  app.setErrorHandler(answerError)
  const reading = new Turns()
  const read = <T>(request: FastifyRequest, decoders: Decoders<T>) => reading.take(() => readBody(request, decoders))
  app.post("/v1/traces", async (request, reply) => answer(request, reply, await keepSpans(telemetry, await read(request, traces))))
  app.post("/v1/logs", async (request, reply) => answer(request, reply, await keepLogs(telemetry, await read(request, logs))))
  app.post("/v1/metrics", async (request, reply) => answer(request, reply, metricsNotKept(await read(request, metrics))))
  app.route({ method: ["GET", "PUT", "DELETE", "PATCH"], url: "/v1/:signal", handler: (request, reply) => answerMethod(request, reply) })
}

const traces: Decoders<readonly SpanRecord[]> = { request: "an ExportTraceServiceRequest", json: decodeTracesJson, protobuf: decodeTraces }
const logs: Decoders<readonly LogRecord[]> = { request: "an ExportLogsServiceRequest", json: decodeLogsJson, protobuf: decodeLogs }
const metrics: Decoders<number> = { request: "an ExportMetricsServiceRequest", json: countDataPointsJson, protobuf: countDataPoints }

// One at a time: what a few kilobytes are unpacked to, and read, may take hundreds of megabytes until it is a list of records.
async function readBody<T>(request: FastifyRequest, decoders: Decoders<T>): Promise<T> {
  const encoding = encodingOf(request.headers["content-type"])
  if (!encoding) throw new Refused(415, "OTLP is sent with the Content-Type application/x-protobuf or application/json.")
  // Bodies are read as buffers; a request without one has none.
  const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0)
  return decoded(encoding, await unpacked(body, request.headers["content-encoding"]), decoders)
}

function answer(request: FastifyRequest, reply: FastifyReply, partial: PartialSuccess | undefined): FastifyReply {
  const encoding = encodingIn(request)
  return send(reply, encoding, 200, exportResponse(encoding, partial))
}

// What is invalid is rejected and counted, the rest is kept.
async function keepSpans(telemetry: Telemetry, spans: readonly SpanRecord[]): Promise<PartialSuccess | undefined> {
  const valid = spans.filter(isValidSpan)
  checkKeptSize(valid)
  await telemetry.add(valid)
  const rejected = spans.length - valid.length
  if (rejected === 0) return undefined
  return { name: "rejectedSpans", rejected, message: whatSpansNeed }
}

const whatSpansNeed = "A span needs ids of 16 and 8 bytes, not all zeros, a parent's id of 8 bytes or none, and times before 2262."

async function keepLogs(telemetry: Telemetry, lines: readonly LogRecord[]): Promise<PartialSuccess | undefined> {
  const valid = lines.filter(isValidLog)
  checkKeptSize(valid)
  await telemetry.addLogs(valid)
  const rejected = lines.length - valid.length
  return rejected === 0 ? undefined : { name: "rejectedLogRecords", rejected, message: "A log record's time lies beyond the year 2262." }
}

function metricsNotKept(rejected: number): PartialSuccess | undefined {
  return rejected === 0 ? undefined : { name: "rejectedDataPoints", rejected, message: "Metrics are not kept yet." }
}

function answerMethod(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void reply.header("allow", "POST")
  return send(reply, encodingIn(request), 405, undefined, "OTLP is sent with POST.")
}

function answerError(error: Error & { readonly statusCode?: number }, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const encoding = encodingIn(request)
  if (isFault(error)) {
    void reply.header("retry-after", Math.ceil((error.retryAfterMs ?? 1000) / 1000))
    return send(reply, encoding, 503, undefined, error.message)
  }
  const status = error instanceof Refused ? error.status : (error.statusCode ?? 500)
  // Fastify's, on a body that is too large: what is left of it is read, and the connection serves on.
  void reply.removeHeader("connection")
  const message = status === 500 ? "Something went wrong." : error.message
  return send(reply, encoding, status, undefined, message)
}

/** What the answer is written in: the same as the request, as far as that is known. */
function encodingIn(request: FastifyRequest): Encoding {
  return encodingOf(request.headers["content-type"]) ?? "json"
}

function send(reply: FastifyReply, encoding: Encoding, status: number, body: Uint8Array | undefined, message = ""): FastifyReply {
  return reply
    .code(status)
    .type(mediaTypes[encoding])
    .send(Buffer.from(body ?? statusBody(encoding, status, message)))
}
