import type { IncomingMessage, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"

/** What Node's HTTP server keeps at a connection. */
export interface Served {
  /** The response that it is busy with; Node's documentation names it for this use. */
  readonly _httpMessage?: Pick<ServerResponse, "headersSent" | "req"> | null
  /** Of which `incoming` is the request that came last. */
  readonly parser?: { readonly incoming?: Pick<IncomingMessage, "complete" | "once"> | null } | null
}

/** Whether what is written now would be taken for a part of the answer to a request that has come on the connection, or for that answer. */
export function isBusy(socket: Duplex & Served): boolean {
  const { _httpMessage: message, parser } = socket
  if (message) return message.headersSent || message.req.complete
  // It was answered before all of it had come.
  return parser?.incoming?.complete === false
}
