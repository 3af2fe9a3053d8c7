import type { ServerResponse } from "node:http"
import { Fault, isFault, isRefusal } from "@hanok/contract"
import { HttpProblem } from "../gateway/http-problem.ts"
import { problemReply } from "../gateway/problem-reply.ts"

/** Answers with a problem document (RFC 9457); of what is neither a refusal, a fault nor a problem it tells nothing. */
export function sendProblem(response: ServerResponse, error: unknown, traceId: string): void {
  const known = error instanceof HttpProblem || isFault(error) || isRefusal(error) ? error : new Fault("INTERNAL", "Something went wrong.")
  const { status, headers, body } = problemReply(known, undefined, traceId)
  send(response, status, headers, body)
}

export function sendJson(response: ServerResponse, body: unknown): void {
  sendText(response, 200, "application/json", JSON.stringify(body))
}

/** Nothing is no JSON, and is an answer without content. */
export function sendOutput(response: ServerResponse, output: unknown): void {
  if (output === undefined) send(response, 204, {}, "")
  else sendJson(response, output)
}

export function sendText(response: ServerResponse, status: number, type: string, body: string): void {
  send(response, status, { "content-type": type }, body)
}

function send(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>, body: string): void {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { ...headers, "cache-control": "no-store", "x-content-type-options": "nosniff" })
  response.end(body)
}
