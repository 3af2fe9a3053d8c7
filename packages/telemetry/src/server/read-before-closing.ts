import type { IncomingMessage, Server } from "node:http"
import type { Socket } from "node:net"

/** What Node's HTTP server keeps at a connection: `incoming` is the request that came last. */
interface Served {
  readonly parser?: { readonly incoming?: IncomingMessage | null } | null
}

/**
 * Has the server close no connection before the request on it has been read to its end. Node closes it as soon as its last answer
 * is out: who asks for that and is still sending would find it broken in place of the answer. The time that a request may take is
 * the limit.
 */
export function readBeforeClosing(server: Server): void {
  server.on("connection", (socket: Socket & Served) => {
    const close = socket.destroySoon
    socket.destroySoon = () => {
      const request = socket.parser?.incoming
      if (request?.complete === false) request.once("end", () => close.call(socket))
      else close.call(socket)
    }
  })
}
