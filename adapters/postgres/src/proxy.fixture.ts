import { once } from "node:events"
import { connect, createServer } from "node:net"
import type { Socket } from "node:net"

export interface Proxy {
  /** Of the server, by way of the proxy. */
  readonly url: string
  close(): void
}

/** Stands before the server of that URL. `join` passes on what comes from either side of a connection, and its end, as it likes. */
export async function createProxy(serverUrl: string, join: (client: Socket, upstream: Socket) => void): Promise<Proxy> {
  const url = new URL(serverUrl)
  const port = Number(url.port)
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    const upstream = connect(port, "127.0.0.1")
    for (const socket of [client, upstream]) sockets.add(socket.on("error", () => undefined))
    join(client, upstream)
  }).listen(0, "127.0.0.1")
  await once(proxy, "listening")
  const address = proxy.address()
  url.port = String(typeof address === "object" ? address?.port : 0)
  return {
    url: url.href,
    close() {
      for (const socket of sockets) socket.destroy()
      proxy.close()
    },
  }
}
