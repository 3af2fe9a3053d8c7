import { Fault, isFault } from "@hanok/contract"
import type { Attributes, CallOptions, Context } from "@hanok/contract"
import { answerOf, nameOf } from "./answer.ts"
import type { Target } from "./answer.ts"
import type { BaseUrl } from "./base-url.ts"
import { childKeyOf, headerValueOf } from "./child-key.ts"
import type { Line, WireReply } from "./exchange.ts"
import { listOf, parse } from "./reply.ts"
import { createTimeLimit } from "./time-limit.ts"
import { wireRequestOf } from "./wire-request.ts"
import type { WireRequest } from "./wire-request.ts"

export interface System {
  /** The module that calls. */
  readonly module: string
  readonly base: BaseUrl
  readonly lines: Readonly<Record<"query" | "command", Line>>
  readonly longestReplyBytes: number
}

export type LegacyCall = (input: unknown, context: Context, options?: CallOptions) => Promise<unknown>

/** The function of the port for one operation. */
export function legacyCall(target: Target, system: System): LegacyCall {
  return async (input, context, options) => {
    const request = requestOf(target, system.base, input)
    const key =
      target.operation.kind === "command" ? (options?.idempotencyKey ?? childKeyOf(context, system.module, nameOf(target))) : undefined
    const timeoutMs = Math.min(options?.timeoutMs ?? Number.POSITIVE_INFINITY, target.operation.timeoutMs)
    const limit = createTimeLimit(context, timeoutMs)
    try {
      limit.signal.throwIfAborted()
      return await exchangeIn(target, system, withKey(request, key), context, limit.signal)
    } finally {
      limit.close()
    }
  }
}

async function exchangeIn(target: Target, system: System, request: WireRequest, context: Context, signal: AbortSignal): Promise<unknown> {
  const span = context.startSpan(`${request.method} ${templateOf(target)}`, "client", attributesOf(target, request))
  try {
    const traced = { ...request, headers: { ...request.headers, traceparent: `00-${span.trace.traceId}-${span.trace.spanId}-01` } }
    const reply = await send(target, system, traced, signal)
    span.setAttribute("http.response.status_code", reply.status)
    const output = answerOf(target, reply)
    span.end()
    return output
  } catch (error) {
    span.end(error)
    throw error
  }
}

async function send(
  target: Target,
  { lines, base, longestReplyBytes }: System,
  request: WireRequest,
  signal: AbortSignal,
): Promise<WireReply> {
  try {
    const { kind } = target.operation
    return await lines[kind].send(request, { signal, auth: base.auth, longestReplyBytes, repeatable: kind === "query" })
  } catch (error) {
    // The signal is aborted with a fault, always; see `createTimeLimit`.
    if (signal.aborted) throw signal.reason
    if (isFault(error)) throw error
    throw new Fault("UNAVAILABLE", `The legacy system ${target.contract} at ${base.url.host} cannot be reached: ${messageOf(error)}.`, {
      cause: error,
      retryAfterMs: 1_000,
    })
  }
}

function requestOf(target: Target, base: BaseUrl, input: unknown): WireRequest {
  const parsed = parse(target.operation.input, input)
  if ("issues" in parsed) {
    const { issues } = parsed
    throw new Fault("INVALID_INPUT", `The input of ${nameOf(target)} is not valid: ${listOf(issues)}.`, { issues })
  }
  // It is what the operation's schema has made, which is what the mapping's functions take.
  return wireRequestOf(base, target.mapping, parsed.value as never)
}

function withKey(request: WireRequest, key: string | undefined): WireRequest {
  return key === undefined ? request : { ...request, headers: { ...request.headers, "idempotency-key": headerValueOf(key) } }
}

// https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span
function attributesOf(target: Target, { method, url }: WireRequest): Attributes {
  return {
    "http.request.method": method,
    "server.address": url.hostname,
    "server.port": Number(url.port) || (url.protocol === "https:" ? 443 : 80),
    "url.full": url.href,
    "url.template": templateOf(target),
    "peer.service": target.contract,
    "rpc.method": nameOf(target),
  }
}

function templateOf({ mapping }: Target): string {
  return mapping.request.slice(mapping.request.indexOf(" ") + 1)
}

// When a name has several addresses, Node reports one error that holds the others and says nothing itself.
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(", ")
  return error instanceof Error ? error.message : String(error)
}
