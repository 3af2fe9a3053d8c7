import { once } from "node:events"
import { createServer } from "node:http"
import type { IncomingMessage } from "node:http"
import { connect } from "node:net"
import type { AddressInfo } from "node:net"
import { setImmediate } from "node:timers/promises"
import * as fc from "fast-check"
import { expect, onTestFinished, test } from "vitest"
import { readJsonBody } from "./request-body.ts"

/** A server that answers with what it has read, or with what was wrong. */
async function echo(told: unknown[] = [], before: (request: IncomingMessage) => Promise<unknown> | undefined = () => undefined) {
  const server = createServer(async (request, response) => {
    await before(request)
    const answer = (what: unknown) => {
      told.push(what)
      response.end(JSON.stringify(what))
    }
    readJsonBody(request, 1_000, { received: (body) => answer({ body }), refused: (error) => answer({ error: String(error) }) })
  }).listen(0, "127.0.0.1")
  onTestFinished(() => void server.close())
  await once(server, "listening")
  // A server that listens on TCP.
  return (server.address() as AddressInfo).port
}

const body = { name: "김민아 \ufffd 🏺", many: [1, 2, { deep: true }] }

function requestWith(text: string, lengthBytes = Buffer.byteLength(text)): Buffer {
  const head = `POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${lengthBytes}`
  return Buffer.from(`${head}\r\n\r\n${text}`)
}

function chunked(text: string): Buffer {
  const head = "POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked"
  return Buffer.from(`${head}\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`)
}

/** Sends the pieces one after the other, and resolves with all that comes back. */
async function sendInPieces(port: number, pieces: readonly Uint8Array[]): Promise<string> {
  const socket = connect(port, "127.0.0.1").setNoDelay(true)
  const answer = socket.setEncoding("utf8").toArray()
  await once(socket, "connect")
  for (const piece of pieces) {
    socket.write(piece)
    await setImmediate()
  }
  return (await answer).join("")
}

function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const ends = [...new Set(places), bytes.length].toSorted((one, other) => one - other)
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

test("a body that came with its headers is taken as a whole, without waiting for pieces of it", async () => {
  const waits: number[] = []
  const server = createServer((request, response) => {
    const received = () => {
      waits.push(request.listenerCount("data"))
      response.end()
    }
    readJsonBody(request, 1_000, { received, refused: received })
  }).listen(0, "127.0.0.1")
  onTestFinished(() => void server.close())
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  const bytes = requestWith(JSON.stringify(body))
  await sendInPieces(port, [bytes])
  expect(waits).toEqual([0])
  const socket = connect(port, "127.0.0.1")
  socket.write(bytes.subarray(0, -5))
  // Until it is seen that not all has come.
  await once(server, "request")
  await setImmediate()
  await setImmediate()
  socket.write(bytes.subarray(-5))
  await socket.toArray()
  expect(waits).toEqual([0, 1])
})

test("a body is read alike however it is cut on its way, in one piece with its headers or in many", async () => {
  const port = await echo()
  const bytes = requestWith(JSON.stringify(body))
  const bodyAt = bytes.indexOf("{")
  const place = fc.oneof(fc.integer({ min: 1, max: bytes.length - 1 }), fc.integer({ min: bodyAt - 3, max: bytes.length - 1 }))
  await fc.assert(
    fc.asyncProperty(fc.array(place, { maxLength: 6 }), async (places) => {
      const [head = "", text = ""] = (await sendInPieces(port, cut(bytes, places))).split("\r\n\r\n")
      expect(head).toMatch(/^HTTP\/1\.1 200 /)
      expect(JSON.parse(text)).toEqual({ body })
    }),
    { numRuns: 100 },
  )
})

test("a body that is too large is refused, whether its length is told before or comes out", async () => {
  const port = await echo()
  const text = JSON.stringify({ name: "x".repeat(2_000) })
  for (const bytes of [requestWith(text), chunked(text)]) {
    expect(await sendInPieces(port, [bytes])).toContain("The body is larger than 1000 bytes.")
    expect(await sendInPieces(port, cut(bytes, [300, 600]))).toContain("The body is larger than 1000 bytes.")
  }
})

test("a body that has come as a whole before it is read, as while a token is verified, is read alike, and refused when it is too large", async () => {
  const complete = async (request: IncomingMessage) => {
    while (!request.complete) await setImmediate()
  }
  const port = await echo([], complete)
  expect(await sendInPieces(port, [requestWith(JSON.stringify(body))])).toContain(JSON.stringify({ body }))
  expect(await sendInPieces(port, [requestWith("")])).toContain(JSON.stringify({ body: undefined }))
  const text = JSON.stringify({ name: "x".repeat(2_000) })
  expect(await sendInPieces(port, [chunked(text)])).toContain("The body is larger than 1000 bytes.")
})

test("of a body whose end does not come nothing is received", async () => {
  const told: unknown[] = []
  const port = await echo(told)
  const socket = connect(port, "127.0.0.1")
  await once(socket, "connect")
  socket.write(requestWith(JSON.stringify(body), 500))
  await setImmediate()
  socket.end()
  await once(socket.resume(), "close")
  expect(told.filter((what) => JSON.stringify(what).includes("김민아"))).toEqual([])
})
