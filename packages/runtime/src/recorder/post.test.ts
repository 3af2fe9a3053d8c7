import { createServer } from "node:http"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { expect, onTestFinished, test } from "vitest"
import { createPoster } from "./post.ts"
import { createReceiver } from "./receiver.fixture.ts"

test.each([0, 1, 32 * 1024, 32 * 1024 + 1, 1_000_003])("a body of %i bytes arrives as it was sent", async (size) => {
  const receiver = await createReceiver()
  const poster = posterTo(receiver.url)
  const body = Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 12)) & 255)
  expect(await poster.post(body, 5_000)).toEqual({ status: 200, retryAfterMs: undefined })
  expect(receiver.received[0]?.headers["content-length"]).toBe(String(size))
  expect(receiver.received[0]?.body.equals(body)).toBe(true)
})

test("a receiver that hangs up in the middle of a body is an error, and the next body arrives", async () => {
  let requests = 0
  const url = await serve((request, response) => {
    requests += 1
    if (requests === 1) request.once("data", () => request.socket.destroy())
    else request.resume().on("end", () => response.end())
  })
  const poster = posterTo(url)
  const body = new Uint8Array(4 * 1024 * 1024)
  await expect(poster.post(body, 5_000)).rejects.toThrow(/socket hang up|ECONNRESET|EPIPE/)
  expect(await poster.post(body, 5_000)).toMatchObject({ status: 200 })
})

test("a receiver that takes a part of a body and then nothing more is given up in time", async () => {
  const url = await serve((request) => void request.once("data", () => request.pause()))
  await expect(posterTo(url).post(new Uint8Array(64 * 1024 * 1024), 200)).rejects.toThrow("no answer within 200 ms")
})

function posterTo(url: string) {
  const poster = createPoster(url, "application/x-protobuf", {})
  onTestFinished(() => poster.close())
  return poster
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A server that listens on TCP has an AddressInfo.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
