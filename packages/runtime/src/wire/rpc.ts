import type { IncomingMessage, ServerResponse } from "node:http"
import { Fault, isFault, problemMediaType, problemOf } from "@hanok/contract"
import type { Identity, Logger } from "@hanok/contract"
import { newRootSpanIds, parseTraceparent } from "../recorder/index.ts"
import type { Seam } from "../seam/seam.ts"
import { verifyServiceToken } from "./service-token.ts"
import type { ServiceIdentity } from "./service-token.ts"

export interface RpcOptions {
  readonly seam: Seam
  readonly secret: string
  readonly log: Logger
  ready(): Promise<readonly string[]>
  isDraining(): boolean
}

const longestBodyBytes = 1024 * 1024
const defaultTimeoutMs = 10_000
const longestTimeoutMs = 300_000

/**
 * Calls for programs in any language: `POST /rpc/{contract}/{operation}` with the input as JSON answers with the output,
 * or with a problem document (RFC 9457). Besides: `/health/live` and `/health/ready`.
 */
export function createRpc(options: RpcOptions): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      if (!isFault(error)) options.log.error("a call by HTTP failed", { error: String(error) })
      problem(response, error, "0".repeat(32))
    })
  }
}

async function answer(options: RpcOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "").split("?", 1)[0] ?? ""
  if (path === "/health/live") return send(response, 200, { status: "live" })
  if (path === "/health/ready") return answerReadiness(options, response)
  const peer = await verifyServiceToken(options.secret, request.headers.authorization)
  const [contract, operation] = /^\/rpc\/([\w-]+)\/([\w-]+)$/.exec(path)?.slice(1) ?? []
  if (contract === undefined || operation === undefined) {
    throw new Fault("UNKNOWN_OPERATION", `There is nothing at ${path.slice(0, 200)}.`, {
      hint: "Calls are POST /rpc/{contract}/{operation}.",
    })
  }
  if (request.method !== "POST") {
    response.setHeader("allow", "POST")
    return send(
      response,
      405,
      { type: "about:blank", title: "METHOD_NOT_ALLOWED", status: 405, detail: "Calls are made with POST." },
      problemMediaType,
    )
  }
  await call(options, peer, { contract, operation }, request, response)
}

async function answerReadiness(options: RpcOptions, response: ServerResponse): Promise<void> {
  const waiting = options.isDraining() ? ["the service is stopping"] : await options.ready()
  send(response, waiting.length === 0 ? 200 : 503, { status: waiting.length === 0 ? "ready" : "not ready", waiting })
}

interface Target {
  readonly contract: string
  readonly operation: string
}

async function call(
  options: RpcOptions,
  peer: ServiceIdentity,
  target: Target,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const trace = parseTraceparent(headerOf(request, "traceparent") ?? "") ?? newRootSpanIds()
  response.setHeader("x-trace-id", trace.traceId)
  try {
    const pending = options.seam.send({
      kind: "call",
      caller: peer.modules[0] ?? peer.name,
      ...target,
      subscriber: undefined,
      remainingMs: timeoutOf(request),
      input: await bodyOf(request),
      trace,
      identity: identityOf(request),
      idempotencyKey: headerOf(request, "idempotency-key"),
      uses: peer.uses,
    })
    response.once("close", () => pending.cancel())
    send(response, 200, await pending.reply)
  } catch (error) {
    problem(response, error, trace.traceId)
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const type = headerOf(request, "content-type") ?? ""
  if (!/^application\/json\s*(?:;|$)/i.test(type)) {
    throw new Fault("INVALID_INPUT", `The body is ${type === "" ? "of no stated type" : type.slice(0, 100)}; calls carry application/json.`)
  }
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > longestBodyBytes) throw new Fault("INVALID_INPUT", `The body is longer than ${longestBodyBytes} bytes.`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"))
  } catch (error) {
    throw new Fault("INVALID_INPUT", `The body is not JSON: ${error instanceof Error ? error.message : String(error)}.`)
  }
}

function timeoutOf(request: IncomingMessage): number {
  const text = headerOf(request, "hanok-timeout-ms")
  if (text === undefined) return defaultTimeoutMs
  const timeoutMs = Number(text)
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > longestTimeoutMs) {
    throw new Fault(
      "INVALID_INPUT",
      `The header hanok-timeout-ms is "${text.slice(0, 20)}"; it takes whole milliseconds from 1 to ${longestTimeoutMs}.`,
    )
  }
  return timeoutMs
}

/** The end user for whom the program calls, vouched for by its token: `hanok-subject`, and `hanok-roles` separated by commas. */
function identityOf(request: IncomingMessage): Identity | undefined {
  const subject = headerOf(request, "hanok-subject")
  if (subject === undefined) return undefined
  const roles = (headerOf(request, "hanok-roles") ?? "").split(",").map((role) => role.trim())
  return { subject, roles: roles.filter((role) => role !== "") }
}

function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === "string" ? value : undefined
}

function problem(response: ServerResponse, error: unknown, traceId: string): void {
  if (isFault(error) && error.retryAfterMs !== undefined) response.setHeader("retry-after", Math.ceil(error.retryAfterMs / 1000))
  const body = problemOf(error, traceId)
  send(response, body.status, body, problemMediaType)
}

function send(response: ServerResponse, status: number, body: unknown, type = "application/json"): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { "content-type": type, "cache-control": "no-store", "x-content-type-options": "nosniff" })
  response.end(JSON.stringify(body ?? null))
}
