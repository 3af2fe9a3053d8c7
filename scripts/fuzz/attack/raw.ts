import { connect } from "node:net"
import type { Random } from "../../../examples/shop/load/random.ts"
import { randomBytesOf } from "../input/hostile.ts"
import type { Attack } from "./attack.ts"
import { reactionOf } from "./http.ts"

const patienceMs = 20_000
const get = "GET /items?limit=1 HTTP/1.1\r\nhost: x\r\n"
const post = "POST /orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"

/** Bytes that are not quite HTTP, or not at all. Nobody is let in by them: they carry no token. */
export function createRawAttack(name: string, port: number, share: number): Attack {
  return {
    name,
    share,
    async send(random) {
      const bytes = bytesFor(random)
      const answer = await exchange(port, bytes, random)
      const description = JSON.stringify(bytes.subarray(0, 600).toString("latin1"))
      // What is said to the last of several requests in one is judged with the first error of the server, if there is one.
      const statuses = [...(answer ?? "").matchAll(/(?:^|\n)HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]))
      const status = statuses.find((one) => one >= 500) ?? statuses.at(-1) ?? 0
      return { isProtected: false, isKnown: false, reaction: reactionOf(status, answer ?? ""), description, hangs: answer === undefined }
    },
    close: () => undefined,
  }
}

function bytesFor(random: Random): Buffer {
  const text = random.pick(shapes)?.(random) ?? ""
  const bytes = Buffer.from(text, "latin1")
  if (random.chance(0.2)) return bytes.subarray(0, random.between(0, bytes.length))
  if (random.chance(0.2)) {
    const at = random.between(0, bytes.length)
    return Buffer.concat([bytes.subarray(0, at), randomBytesOf(random, 6), bytes.subarray(at)])
  }
  return bytes
}

const shapes: readonly ((random: Random) => string)[] = [
  (random) => randomBytesOf(random, 500).toString("latin1"),
  () => "\r\n".repeat(100),
  () => `${get}\r\n`,
  () => `${get}connection: close\r\n\r\n`,
  () => `${get}\r\n${get}\r\n${get}\r\n`,
  () => "GET  /items HTTP/1.1\r\n\r\n",
  () => "GET /items\r\n\r\n",
  () => "GET /items HTTP/9.9\r\nhost: x\r\n\r\n",
  () => "GET http://evil.example/items HTTP/1.1\r\nhost: x\r\n\r\n",
  () => "GET //evil.example//items HTTP/1.1\r\nhost: x\r\n\r\n",
  () => "GET * HTTP/1.1\r\nhost: x\r\n\r\n",
  () => "OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n",
  () => "CONNECT evil.example:443 HTTP/1.1\r\nhost: x\r\n\r\n",
  () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  () => "BREW /pot HTTP/1.1\r\nhost: x\r\n\r\n",
  () => "GET /items HTTP/1.1\r\n\r\n",
  () => "GET /items HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
  () => "GET /items HTTP/1.0\r\n\r\n",
  () => "GET /../../etc/passwd HTTP/1.1\r\nhost: x\r\n\r\n",
  () => "GET /%00 HTTP/1.1\r\nhost: x\r\n\r\n",
  () => "GET /%zz HTTP/1.1\r\nhost: x\r\n\r\n",
  () => "GET /items\x00 HTTP/1.1\r\nhost: x\r\n\r\n",
  () => "GET /items#x HTTP/1.1\r\nhost: x\r\n\r\n",
  (random) => `GET /${"a".repeat(random.between(1, 40_000))} HTTP/1.1\r\nhost: x\r\n\r\n`,
  (random) => `${get}${"x: y\r\n".repeat(random.between(1, 5_000))}\r\n`,
  (random) => `${get}x: ${"y".repeat(random.between(1, 40_000))}\r\n\r\n`,
  () => `${get}no colon\r\n\r\n`,
  () => `${get} folded: x\r\n\r\n`,
  () => `${get}x:\x01\x02\r\n\r\n`,
  () => `${get}upgrade: websocket\r\nconnection: upgrade\r\n\r\n`,
  () => `${get}upgrade: hanok/1\r\nconnection: upgrade\r\n\r\n\x00\x00\x00\x02\x81\xc0`,
  () => `${get}upgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: x\r\n\r\n`,
  () => `${get}expect: 100-continue\r\n\r\n`,
  () => `${get}expect: the unexpected\r\n\r\n`,
  () => `${get}range: bytes=1-0,-1\r\n\r\n`,
  () => `${post}content-length: 10\r\n\r\n{}`,
  () => `${post}content-length: 2\r\n\r\n{}{}{}`,
  () => `${post}content-length: -1\r\n\r\n{}`,
  () => `${post}content-length: 1e1\r\n\r\n{}`,
  () => `${post}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`,
  () => `${post}content-length: 99999999999999999999\r\n\r\n{}`,
  () => `${post}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  () => `${post}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
  () => `${post}transfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n0\r\n\r\n`,
  () => `${post}transfer-encoding: chunked\r\n\r\n2;${"x".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
  () => `${post}transfer-encoding: chunked, gzip\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
  () => `${post}transfer-encoding: identity\r\n\r\n{}`,
  () => `${post}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx: y\r\ncontent-length: 5\r\n\r\n`,
  () => `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${"\x00".repeat(200)}`,
]

// Everything at once or in two parts; then nothing more comes, and the server is to close, too. Some do not wait for that.
function exchange(port: number, bytes: Buffer, random: Random): Promise<string | undefined> {
  const resets = random.chance(0.1)
  const at = random.chance(0.5) ? bytes.length : random.between(0, bytes.length)
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect({ port, host: "127.0.0.1", noDelay: true })
    const timer = setTimeout(() => {
      resolve(undefined)
      socket.destroy()
    }, patienceMs)
    socket.on("error", () => undefined)
    socket.on("data", (chunk: Buffer) => chunks.push(chunk))
    socket.on("end", () => socket.end())
    socket.on("close", () => {
      clearTimeout(timer)
      resolve(Buffer.concat(chunks).toString("latin1"))
    })
    socket.write(bytes.subarray(0, at), () => {
      if (resets) socket.resetAndDestroy()
      else if (socket.writable) socket.end(bytes.subarray(at))
    })
  })
}
