import { once } from "node:events"
import { connect } from "node:net"
import type { AddressInfo, Server, Socket } from "node:net"
import { text } from "node:stream/consumers"
import { expect, test } from "vitest"
import { openGateway } from "./fixture.ts"

test.each([
  ["nothing", "", /^$/],
  ["a part of a request", "GET /parcels HTTP/1.1\r\n", /^HTTP\/1.1 408 /],
])("a connection on which %s came in time is answered only where there is a request", async (_, sent, expected) => {
  const listening = Promise.withResolvers<Server>()
  await openGateway([], {}, { listen: (server) => void server.listen(0, "127.0.0.1", () => listening.resolve(server)) })
  const server = await listening.promise
  // `address()` is an AddressInfo for a server that listens on TCP.
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1")
  const [socket] = (await once(server, "connection")) as [Socket]
  client.write(sent)
  await expect.poll(() => socket.bytesRead).toBe(sent.length)
  // As Node's server does after 15 s.
  server.emit("clientError", Object.assign(new Error("Request timeout"), { code: "ERR_HTTP_REQUEST_TIMEOUT" }), socket)
  expect(await text(client)).toMatch(expected)
})
