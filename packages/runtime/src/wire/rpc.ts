import type { IncomingMessage, ServerResponse } from "node:http"
import { Fault, internalOpenApiOf, isFault } from "@hanok/contract"
import type { Contract, Logger } from "@hanok/contract"
import { HttpProblem } from "../gateway/http-problem.ts"
import { idempotencyKeyOf } from "../gateway/idempotency-key.ts"
import { live, readiness } from "../health.ts"
import type { Health } from "../health.ts"
import { newRootSpanIds, parseTraceparent } from "../recorder/index.ts"
import type { Gate } from "../resilience/gate.ts"
import type { ServiceMetrics } from "../resilience/metrics.ts"
import { prometheusMediaType, prometheusText } from "../resilience/prometheus.ts"
import type { Seam } from "../seam/seam.ts"
import { sendJson, sendOutput, sendProblem, sendText } from "./http-reply.ts"
import type { OperationBook } from "./operation-book.ts"
import { RpcCall } from "./rpc-call.ts"
import { bodyOf, headerOf, identityOf, timeoutOf } from "./rpc-request.ts"
import { usesOf, verifyServiceToken } from "./service-token.ts"
import type { ServiceIdentity } from "./service-token.ts"

export interface RpcOptions {
  readonly service: string
  readonly seam: Seam
  readonly gate: Gate
  readonly operationOf: OperationBook
  readonly contracts: readonly Contract[]
  readonly metrics: () => ServiceMetrics
  readonly secret: string
  readonly log: Logger
  readonly unready: () => Promise<readonly string[]>
  /** Told of each call of somebody who is let in. */
  onCall(): void
}

/** Of answers to what is no call. */
export const noTrace = "0".repeat(32)

/**
 * Calls for programs in any language: `POST /rpc/{contract}/{operation}` with the input as JSON answers with the output,
 * or with a problem document (RFC 9457). Besides, without a token: `/openapi.json` describes the calls, `/health/live`,
 * `/health/ready`, `/health/load` and `/metrics` tell how the process is.
 */
export function createRpc(options: RpcOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const pages = pagesOf(options)
  return (request, response) => {
    answer(options, pages, request, response).catch((error: unknown) => {
      if (!isFault(error) && !(error instanceof HttpProblem)) options.log.error("a call by HTTP failed", { error: String(error) })
      sendProblem(response, error, noTrace)
    })
  }
}

type Page = (response: ServerResponse) => void | Promise<void>

function pagesOf(options: RpcOptions): ReadonlyMap<string, Page> {
  const { service, contracts, metrics, unready } = options
  let openApi: string | undefined
  const describe: Page = (response) => {
    openApi ??= JSON.stringify(internalOpenApiOf(contracts, { title: `${service}, from inside` }))
    sendText(response, 200, "application/json", openApi)
  }
  const tell = (response: ServerResponse, { status, mediaType, body }: Health) => sendText(response, status, mediaType, body)
  return new Map<string, Page>([
    ["/health/live", (response) => tell(response, live)],
    ["/health/ready", async (response) => tell(response, readiness(await unready()))],
    ["/health/load", (response) => sendJson(response, metrics())],
    ["/metrics", (response) => sendText(response, 200, prometheusMediaType, prometheusText(metrics()))],
    ...(contracts.length > 0 ? [["/openapi.json", describe] as const] : []),
  ])
}

async function answer(
  options: RpcOptions,
  pages: ReadonlyMap<string, Page>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? "").split("?", 1)[0] ?? ""
  const page = pages.get(path)
  if (page) return page(response)
  const peer = await verifyServiceToken(options.secret, request.headers.authorization)
  const [contract, operation] = /^\/rpc\/([\w-]+)\/([\w-]+)$/.exec(path)?.slice(1) ?? []
  if (contract === undefined || operation === undefined) {
    throw new Fault("UNKNOWN_OPERATION", `There is nothing at ${path.slice(0, 200)}.`, {
      hint: "Calls are POST /rpc/{contract}/{operation}.",
    })
  }
  if (request.method !== "POST") throw new HttpProblem("METHOD_NOT_ALLOWED", "Calls are made with POST.", { headers: { allow: "POST" } })
  await call(options, peer, { contract, operation }, request, response)
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
  options.onCall()
  const trace = parseTraceparent(headerOf(request, "traceparent") ?? "") ?? newRootSpanIds()
  response.setHeader("x-trace-id", trace.traceId)
  try {
    const { gate, operationOf, seam } = options
    const caller = peer.modules[0] ?? peer.name
    const deadlineMs = gate.now() + timeoutOf(request)
    const identity = identityOf(request)
    const named = idempotencyKeyOf(`${caller}>${target.contract}.${target.operation}`, identity, request.headers["idempotency-key"])
    const input = await bodyOf(request)
    const made = {
      kind: "call",
      caller,
      ...target,
      subscriber: undefined,
      input,
      trace,
      identity,
      idempotencyKey: named,
      uses: usesOf(peer, caller),
      remainingMs: deadlineMs - gate.now(),
    } as const
    const pending = new RpcCall(gate, operationOf(made), gate.compartment(caller), seam, made)
    // A response is closed after its end, too.
    response.once("close", () => void (response.writableFinished || pending.cancel()))
    sendOutput(response, await pending.reply)
  } catch (error) {
    sendProblem(response, error, trace.traceId)
  }
}
