import { connect } from "node:net"
import type { Socket } from "node:net"
import { once } from "node:events"
import { answerMessages } from "./child.ts"
import type { Loaded, Post } from "./load.ts"

const connections = 50
const kept = new Map<string, readonly Socket[]>()

// Bare sockets that write the same bytes each time: a client of HTTP would take more of its core than the measured service of its own.
answerMessages(async ({ url, headers, body, ms }: Post & { readonly ms: number }): Promise<Loaded> => {
  const { hostname, port, pathname, host } = new URL(url)
  const sockets = kept.get(url) ?? (await Promise.all(Array.from({ length: connections }, () => open(hostname, Number(port)))))
  kept.set(url, sockets)
  const all = { host, "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  const request = Buffer.from(`POST ${pathname} HTTP/1.1\r\n${lines.join("")}\r\n${body}`)
  const started = performance.now()
  const counts = await Promise.all(sockets.map((socket) => postUntil(socket, request, started + ms)))
  return { requests: counts.reduce((sum, count) => sum + count, 0), ms: performance.now() - started }
})

async function open(host: string, port: number): Promise<Socket> {
  const socket = connect(port, host).setNoDelay(true)
  await once(socket, "connect")
  return socket
}

/** Posts again whenever an answer is complete, and resolves with how many came. Rejects at an answer that is not 200. */
function postUntil(socket: Socket, request: Buffer, endAt: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let [count, usualSize, text] = [0, 0, ""]
    const stop = (error?: Error) => {
      socket.off("data", onData).off("close", onClose)
      if (error) reject(error)
      else resolve(count)
    }
    const onClose = () => stop(new Error("A connection was closed."))
    const answered = () => {
      count++
      if (performance.now() >= endAt) stop()
      else socket.write(request)
    }
    const onData = (bytes: Buffer) => {
      // Almost all answers are as long as the one before and come in one piece: of those the status is read, and no more.
      if (bytes.length === usualSize && text === "" && isOk(bytes)) return answered()
      text += bytes.toString("latin1")
      const size = sizeOf(text)
      if (size === undefined || text.length < size) return
      if (!text.startsWith("HTTP/1.1 200 ") || text.length > size) return stop(new Error(`Answered: ${text}`))
      usualSize = size
      text = ""
      answered()
    }
    socket.on("data", onData).on("close", onClose)
    socket.write(request)
  })
}

/** `HTTP/1.1 200`. */
function isOk(bytes: Buffer): boolean {
  return bytes[0] === 0x48 && bytes[9] === 0x32 && bytes[10] === 0x30 && bytes[11] === 0x30
}

const lengthHeader = /\r\ncontent-length: (\d+)\r\n/i

/** Bytes of the whole answer; undefined until its head is there. */
function sizeOf(text: string): number | undefined {
  const end = text.indexOf("\r\n\r\n")
  const [, length] = lengthHeader.exec(text) ?? []
  return end < 0 || length === undefined ? undefined : end + 4 + Number(length)
}
