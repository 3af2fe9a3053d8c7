import { createServer } from "node:net"
import type { AddressInfo } from "node:net"

/** A port at which nobody listens at this moment. */
export function freePort(): Promise<number> {
  const server = createServer()
  return new Promise((resolve) => {
    // `address()` is an AddressInfo for a server that listens on TCP.
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
