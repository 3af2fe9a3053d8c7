import type { ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { isBusy } from "../busy-socket.ts"
import type { Edge } from "../edge.ts"
import { STATUS_CODES } from "../http.ts"
import { parserProblem } from "./framework-error.ts"
import { HttpProblem } from "./http-problem.ts"
import { problemReply } from "./problem-reply.ts"
import type { ProblemReply } from "./problem-reply.ts"

/** An error as `node:http` hands it to `clientError`. */
export interface ClientError extends Error {
  readonly code?: string
  /** What llhttp, the parser, did not like. */
  readonly reason?: string
}

/** How long a connection stays for the client to read what was wrong. */
const lingerMs = 1_000

const notHttp = { name: "HTTP", attributes: { "url.scheme": "http" } }

/** Answers bytes that are not HTTP with a problem document, and closes the connection. `tell` makes the answer. */
export function answerClientError(error: ClientError, socket: Socket, tell: (problem: HttpProblem) => ProblemReply): void {
  if (error.code === "ECONNRESET" || !socket.writable) return
  // Connections are opened in advance, as browsers do; the answer would be taken for that of the request that comes next.
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && socket.bytesRead === 0) return void socket.destroy()
  // What is written now would be taken for a part of the answer that is on its way, or for that of a request before this one.
  if (isBusy(socket)) return void socket.destroy()
  const { status, headers, body } = tell(parserProblem(error.code, error.reason))
  const all = { ...headers, "content-length": Buffer.byteLength(body), connection: "close" }
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`, ...Object.entries(all).map(([name, value]) => `${name}: ${value}`)]
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`)
  // Nobody else ends a connection that the client leaves open; at once, the answer could be lost to what still comes.
  const cutting = setTimeout(() => socket.destroy(), lingerMs).unref()
  socket.once("close", () => clearTimeout(cutting))
}

/** The answer to what is wrong with a request before it is one, told by a span of its own. */
export function spanned(edge: Edge, problem: HttpProblem): ProblemReply {
  const exchange = edge.entry(notHttp).open(undefined)
  const { status, headers, body } = problemReply(problem, undefined, exchange.traceId)
  exchange.end(status, problem)
  return { status, headers: { ...headers, traceresponse: exchange.traceparent, "x-trace-id": exchange.traceId }, body }
}

/** Answers an `Expect` header that asks for anything but `100-continue`. */
export function answerExpectation(edge: Edge, response: ServerResponse): void {
  const problem = new HttpProblem("EXPECTATION_FAILED", "The header Expect asks for something unknown.")
  const { status, headers, body } = spanned(edge, problem)
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body), connection: "close" }).end(body)
}
