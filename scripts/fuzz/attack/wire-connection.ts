import { connect } from "node:net"
import type { Socket } from "node:net"
import { Packr } from "msgpackr"

/** The kinds of frames, as the wire's description says: length (4 bytes), kind (1 byte, 0x80: a fresh codec), body in MessagePack. */
export const kinds = { hello: 1, calls: 2, replies: 3, cancel: 4, ping: 5, pong: 6, goAway: 7, target: 8 } as const
const fresh = 0x80
const patienceMs = 20_000

const packr = new Packr({ useRecords: false })

/** A whole frame. Each begins its codec anew, so that it does not matter which came before. */
export function frameOf(kind: number, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(body.length + 1, 0)
  head.writeUInt8((kind | fresh) & 0xff, 4)
  return Buffer.concat([head, body])
}

/** What MessagePack has no form for, such as a `toJSON` that is no function, goes as text. */
export function packed(value: unknown): Buffer {
  try {
    return packr.pack(value)
  } catch {
    return packr.pack(JSON.stringify(value, withoutBigInt))
  }
}

/** What became of what was sent: a fault or refusal that was answered, the end of the connection, or nothing in particular. */
export type WireReaction =
  | { readonly kind: "alive"; readonly replies: readonly unknown[] }
  | { readonly kind: "cut" }
  | { readonly kind: "silent" }

/** A connection to the port of the seams that has been let in. */
export class WireConnection {
  readonly #socket: Socket
  readonly #replies: unknown[] = []
  #bytes: Buffer = Buffer.alloc(0)
  #decoder = new Packr({ sequential: true })
  #pong: (reaction: WireReaction) => void = () => undefined
  #isClosed = false

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on("data", (chunk: Buffer) => this.#read(chunk))
    socket.on("close", () => {
      this.#isClosed = true
      this.#pong({ kind: "cut" })
    })
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Sends the bytes and a ping, and waits for what comes of it. */
  try(bytes: Buffer): Promise<WireReaction> {
    return new Promise((resolve) => {
      if (this.#isClosed) return resolve({ kind: "cut" })
      const timer = setTimeout(() => resolve({ kind: "silent" }), patienceMs)
      this.#pong = (reaction) => {
        clearTimeout(timer)
        this.#pong = () => undefined
        resolve(reaction)
      }
      this.#socket.write(Buffer.concat([bytes, frameOf(kinds.ping, packed(null))]))
    })
  }

  /** Sends the bytes and nothing more; resolves to whether the other end closes, too. */
  async end(bytes: Buffer): Promise<boolean> {
    const closed = new Promise<boolean>((resolve) => {
      if (this.#isClosed) return resolve(true)
      const timer = setTimeout(() => resolve(false), patienceMs)
      this.#socket.once("close", () => {
        clearTimeout(timer)
        resolve(true)
      })
    })
    this.#socket.end(bytes)
    const isClosed = await closed
    this.close()
    return isClosed
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    while (this.#bytes.length >= 5) {
      const length = this.#bytes.readUInt32BE(0)
      if (this.#bytes.length < 4 + length) return
      const kind = this.#bytes.readUInt8(4)
      const body = this.#bytes.subarray(5, 4 + length)
      this.#bytes = this.#bytes.subarray(4 + length)
      if ((kind & fresh) !== 0) this.#decoder = new Packr({ sequential: true })
      this.#heard(kind & ~fresh, this.#decoder.unpack(body))
    }
  }

  #heard(kind: number, body: unknown): void {
    if (kind === kinds.replies && Array.isArray(body)) this.#replies.push(...body)
    else if (kind === kinds.pong) this.#pong({ kind: "alive", replies: this.#replies.splice(0) })
  }
}

/** Asks to be let in. Resolves to the connection, or to the status with which that was refused; 0 when there was none. */
export function upgrade(port: number, authorization: string | undefined, behind: Buffer): Promise<WireConnection | number> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true })
    let head = Buffer.alloc(0)
    const timer = setTimeout(() => socket.destroy(), patienceMs)
    const end = (result: WireConnection | number) => {
      clearTimeout(timer)
      socket.off("data", read)
      socket.off("close", refused)
      resolve(result)
    }
    const refused = () => end(Number(/^HTTP\/1\.1 (\d{3})/.exec(head.toString("latin1"))?.[1] ?? 0))
    const read = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk])
      const at = head.indexOf("\r\n\r\n")
      if (at < 0 || !head.toString("latin1").startsWith("HTTP/1.1 101")) return
      const connection = new WireConnection(socket)
      end(connection)
      if (head.length > at + 4) socket.emit("data", head.subarray(at + 4))
    }
    socket.on("error", () => undefined)
    socket.on("data", read)
    socket.on("close", refused)
    const shown = authorization === undefined ? "" : `authorization: ${authorization}\r\n`
    const asked = `GET /hanok HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: hanok/1\r\n${shown}\r\n`
    socket.write(Buffer.concat([Buffer.from(asked), behind]))
  })
}

// JSON has no such numbers.
function withoutBigInt(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value
}
