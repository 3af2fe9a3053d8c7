import { once } from "node:events"
import { connect } from "node:net"
import type { Socket } from "node:net"
import { text } from "node:stream/consumers"
import { expect, test } from "vitest"
import { createHouse, kim, tokenFor } from "./fixture.ts"

const type = "content-type: application/json"
const bytes = Buffer.alloc(8_000_000, " ")

test.each([
  ["POST /parcels HTTP/1.1", [type], 401],
  ["POST /parcels HTTP/1.0", [type], 401],
  ["POST /parcels HTTP/1.1", [type, "authorization: of kim"], 413],
  ["POST /parcels HTTP/1.0", [type, "authorization: of kim"], 413],
  ["POST /parcels HTTP/1.1", ["authorization: of kim"], 415],
  ["POST /nowhere HTTP/1.1", [type], 404],
  ["POST /wait HTTP/1.1", [type], 405],
  ["POST /parcels HTTP/1.1", [type, "expect: miracles"], 417],
] as const)(
  "who asks to close the connection with %s, %j and a large body is not cut off from the answer, %i",
  async (line, own, status) => {
    const { gateway } = await createHouse()
    const headers = own.map((header) => header.replace("of kim", `Bearer ${token}`))
    const head = ["host: x", "connection: close", `content-length: ${bytes.length}`, ...headers].join("\r\n")
    const socket = connect(gateway.address.port, "127.0.0.1")
    expect(await sentAfterAnswer(socket, `${line}\r\n${head}\r\n\r\n`)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  },
)

test("who sends a large body to a gateway that closes is not cut off from an early answer", async () => {
  const { gateway } = await createHouse()
  const socket = connect(gateway.address.port, "127.0.0.1")
  socket.write("GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n")
  await once(socket, "data")
  socket.pause()
  const closing = gateway.close({ graceMs: 600_000, lingerMs: 3_000 })
  const head = `POST /parcels HTTP/1.1\r\nhost: x\r\n${type}\r\ncontent-length: ${bytes.length}\r\n\r\n`
  expect(await sentAfterAnswer(socket, head)).toMatch(/^HTTP\/1.1 401 [^]*connection: close/i)
  await closing
})

const token = await tokenFor(kim)

/** What is answered to the head of a request; rejects when the connection breaks as the body is sent, which is after the answer. */
async function sentAfterAnswer(socket: Socket, head: string): Promise<string> {
  socket.setEncoding("utf8").write(head)
  await once(socket, "readable")
  const [answer] = await Promise.all([text(socket), once(socket.end(bytes), "finish")])
  return answer
}
