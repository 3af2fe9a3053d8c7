import { randomUUID } from "node:crypto"
import { createServer } from "node:http"
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Attributes, Context, Logger, Span, SpanKind } from "@hanok/contract"

/** A request as the old system got it. */
interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface OldSystem {
  readonly url: string
  readonly requests: readonly SeenRequest[]
  /** How many connections it has been asked for. */
  readonly connections: number
  /** From now on it answers so. */
  answer(how: (response: ServerResponse, request: SeenRequest) => void): void
  close(): Promise<void>
}

/** A real HTTP server that answers as it is told. */
export async function createOldSystem(): Promise<OldSystem> {
  const requests: SeenRequest[] = []
  let how: Parameters<OldSystem["answer"]>[0] = (response) => response.end("{}")
  let connections = 0
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const seen = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body }
      requests.push(seen)
      how(response, seen)
    })
  })
  server.on("connection", () => connections++)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    requests,
    get connections() {
      return connections
    },
    answer: (next) => void (how = next),
    close: () => closed(server),
  }
}

function portOf(server: Server): number {
  // A server that listens on TCP.
  return (server.address() as AddressInfo).port
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString("utf8")
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

const silent = () => undefined
export const silentLog: Logger = { debug: silent, info: silent, warn: silent, error: silent }

interface SeenSpan {
  readonly name: string
  readonly kind: SpanKind
  readonly attributes: Record<string, string | number | boolean>
  error: unknown
}

export interface TestContext extends Context {
  readonly spans: readonly SeenSpan[]
  cancel(): void
}

/** A call's context, as the runtime would make it. */
export function createTestContext(options: { readonly key?: string; readonly timeoutMs?: number } = {}): TestContext {
  const timeoutMs = options.timeoutMs ?? 10_000
  const cancelling = new AbortController()
  const spans: SeenSpan[] = []
  let steps = 0
  return {
    deadlineAt: Date.now() + timeoutMs,
    signal: AbortSignal.any([cancelling.signal, AbortSignal.timeout(timeoutMs)]),
    identity: undefined,
    trace: { traceId: "1".repeat(32), spanId: "2".repeat(16) },
    log: silentLog,
    idempotencyKey: options.key,
    newId: () => randomUUID(),
    step: (work) => work(options.key === undefined ? undefined : steps++),
    startSpan: (name, kind, attributes = {}) => startSpan(spans, name, kind, attributes),
    spans,
    cancel: () => cancelling.abort(),
  }
}

function startSpan(spans: SeenSpan[], name: string, kind: SpanKind, attributes: Attributes): Span {
  const seen: SeenSpan = { name, kind, attributes: { ...attributes }, error: undefined }
  spans.push(seen)
  return {
    trace: { traceId: "1".repeat(32), spanId: "3".repeat(16) },
    setAttribute: (key, value) => void (seen.attributes[key] = value),
    end: (error) => void (seen.error = error),
  }
}
