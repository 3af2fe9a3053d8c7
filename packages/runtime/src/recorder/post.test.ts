import { createServer } from "node:http"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { createServer as createSecureServer } from "node:https"
import type { AddressInfo } from "node:net"
import { getCACertificates, setDefaultCACertificates } from "node:tls"
import { expect, onTestFinished, test } from "vitest"
import { createPoster } from "./post.ts"
import { createReceiver } from "./receiver.fixture.ts"
import { certificate, key } from "./tls.fixture.ts"

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
  await expect(poster.post(body, 5_000)).rejects.toThrow(/closed before the answer|ECONNRESET|EPIPE/)
  expect(await poster.post(body, 5_000)).toMatchObject({ status: 200 })
})

test("a receiver that takes a part of a body and then nothing more is given up in time", async () => {
  const url = await serve((request) => void request.once("data", () => request.pause()))
  await expect(posterTo(url).post(new Uint8Array(64 * 1024 * 1024), 200)).rejects.toThrow("no answer within 200 ms")
})

test("bodies go over TLS to a receiver whose certificate is trusted, by a connection that is kept, and to no other", async () => {
  const ports = new Set<number | undefined>()
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    ports.add(request.socket.remotePort)
    request.resume().on("end", () => response.writeHead(200).end("fine"))
  }
  const url = (await listening(createSecureServer({ key, cert: certificate }, answer))).replace("http:", "https:")
  await expect(posterTo(url).post(new Uint8Array(10), 5_000)).rejects.toThrow(/self-signed/)
  setDefaultCACertificates([...getCACertificates("default"), certificate])
  const poster = posterTo(url.replace("127.0.0.1", "localhost"))
  for (let count = 0; count < 3; count++) expect(await poster.post(new Uint8Array(100_000), 5_000)).toMatchObject({ status: 200 })
  expect(ports.size).toBe(1)
})

test("a connection that the receiver closes after its answer is not used again", async () => {
  const ports: unknown[] = []
  const url = await serve((request, response) => {
    ports.push(request.socket.remotePort)
    request.resume().on("end", () => response.writeHead(503, { connection: "close", "retry-after": "2" }).end())
  })
  const poster = posterTo(url)
  for (let count = 0; count < 2; count++) expect(await poster.post(new Uint8Array(1), 5_000)).toEqual({ status: 503, retryAfterMs: 2_000 })
  expect(new Set(ports).size).toBe(2)
})

test("an answer that comes before all was sent is the answer", async () => {
  const url = await serve((request, response) => {
    request.once("data", () => response.writeHead(413).end())
  })
  const poster = posterTo(url)
  for (let count = 0; count < 2; count++) expect((await poster.post(new Uint8Array(8 * 1024 * 1024), 5_000)).status).toBe(413)
})

test("a receiver whose answer has no end is hung up on", async () => {
  const hungUp = Promise.withResolvers<void>()
  const url = await serve((request, response) => {
    request.resume()
    response.once("close", hungUp.resolve)
    const more = (): void => void (response.destroyed || response.write("x".repeat(64 * 1024), more))
    response.writeHead(200, { "content-length": 1e12 })
    more()
  })
  await expect(posterTo(url).post(new Uint8Array(1), 20_000)).rejects.toThrow("an answer of more than 1048576 bytes")
  await hungUp.promise
})

test("a receiver is reached by an IPv6 address, and is told it as it stands in a URL", async () => {
  const hosts: unknown[] = []
  const server = createServer((request, response) => {
    hosts.push(request.headers.host)
    request.resume().on("end", () => response.end())
  })
  const url = (await listening(server, "::1")).replace("127.0.0.1", "[::1]")
  expect(await posterTo(url).post(new Uint8Array(1), 5_000)).toMatchObject({ status: 200 })
  expect(hosts).toEqual([new URL(url).host])
})

test("a poster that is closed before it has a connection waits for no answer", async () => {
  const receiver = await createReceiver(() => undefined)
  const poster = posterTo(receiver.url)
  const posted = poster.post(new Uint8Array(1), 20_000)
  poster.close()
  await expect(posted).rejects.toThrow("closed")
})

test("user and password in the address are sent, and a header that would end the header is refused", async () => {
  const receiver = await createReceiver()
  await posterTo(receiver.url.replace("//", "//kim:p%40ss@")).post(new Uint8Array(1), 5_000)
  expect(receiver.received[0]?.headers.authorization).toBe(`Basic ${Buffer.from("kim:p@ss").toString("base64")}`)
  expect(() => createPoster(receiver.url, "text/plain", { "x-key": "a\r\nb: c" })).toThrow('the header "x-key" for exported spans')
})

function posterTo(url: string) {
  const poster = createPoster(url, "application/x-protobuf", {})
  onTestFinished(() => poster.close())
  return poster
}

function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  return listening(createServer(answer))
}

async function listening(server: Server, host = "127.0.0.1"): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A server that listens on TCP has an AddressInfo.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
