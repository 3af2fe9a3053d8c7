import type { Server } from "node:http"
import type { Socket } from "node:net"
import type { Served } from "./busy-socket.ts"

/**
 * Has the server close no connection before the request on it has been read to its end. Node closes it as soon as its last answer
 * is out: who asks for that, as Python and many a proxy do with each request, and is still sending, would find it broken in place of
 * the answer. The time that a request may take is the limit.
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
