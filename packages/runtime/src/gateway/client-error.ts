import { STATUS_CODES } from "node:http"
import type { Socket } from "node:net"
import type { Edge } from "../edge.ts"
import { parserProblem } from "./framework-error.ts"
import { problemReply } from "./problem-reply.ts"

/** An error as `node:http` hands it to `clientError`. */
export interface ClientError extends Error {
  readonly code?: string
  /** What llhttp, the parser, did not like. */
  readonly reason?: string
}

/** Answers bytes that are not HTTP with a problem document, and closes the connection. */
export function answerClientError(edge: Edge, error: ClientError, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return
  // An answer may already be on its way on this connection: a second one in the middle of it would be taken for its body.
  if (socket.bytesWritten > 0 && isAnswering(socket)) return void socket.destroy()
  const exchange = edge.open({ name: "HTTP", traceparent: undefined, attributes: { "url.scheme": "http" } })
  const problem = parserProblem(error.code, error.reason)
  const { status, headers, body } = problemReply(problem, undefined, exchange.traceId)
  exchange.end(status, problem)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    `traceresponse: ${exchange.traceparent}`,
    `x-trace-id: ${exchange.traceId}`,
    "connection: close",
  ]
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`)
}

// `_httpMessage` is where Node keeps the response that a connection is busy with; its documentation names it for this use.
function isAnswering(socket: Socket & { readonly _httpMessage?: { readonly headersSent?: boolean } | null }): boolean {
  return socket._httpMessage?.headersSent === true
}
