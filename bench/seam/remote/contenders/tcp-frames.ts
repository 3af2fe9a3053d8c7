import { once } from "node:events"
import { connect, createServer } from "node:net"
import type { AddressInfo, Socket } from "node:net"
import { Packr } from "msgpackr"
import { orderOf } from "../../work.ts"
import type { Order, OrderInput } from "../../work.ts"
import { Batch } from "../batch.ts"
import type { RemoteContender } from "../contender.ts"

type Request = readonly [number, OrderInput]
type Reply = readonly [number, Order]

// The constructor writes into what it is given, so each gets a copy.
const options = { sequential: true, useRecords: true, maxStructures: 200 } as const
const headBytes = 4

/** Frames on a bare socket: a length and MessagePack. */
export const contender: RemoteContender = {
  async serve() {
    const server = createServer({ noDelay: true }, (socket) => {
      const batch = batchOn<Reply>(socket)
      readFrames<Request>(socket, ([id, input]) => batch.add([id, orderOf(input)]))
      socket.on("error", () => undefined)
    })
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    return String((server.address() as AddressInfo).port)
  },
  async within(port, work) {
    const socket = connect({ port: Number(port), host: "127.0.0.1", noDelay: true })
    await once(socket, "connect")
    const waiting = new Map<number, (order: Order) => void>()
    const batch = batchOn<Request>(socket)
    readFrames<Reply>(socket, ([id, order]) => {
      waiting.get(id)?.(order)
      waiting.delete(id)
    })
    let last = 0
    await work((input) => {
      const id = ++last
      batch.add([id, input])
      return new Promise((resolve) => waiting.set(id, resolve))
    })
    socket.destroy()
  },
}

function batchOn<Item>(socket: Socket): Batch<Item> {
  const writer = new Packr({ ...options })
  return new Batch((items) => {
    const packed = writer.pack(items)
    const head = Buffer.allocUnsafe(headBytes)
    head.writeUInt32BE(packed.length)
    socket.cork()
    socket.write(head)
    socket.write(packed)
    socket.uncork()
  })
}

function readFrames<Item>(socket: Socket, onItem: (item: Item) => void): void {
  const reader = new Packr({ ...options })
  let rest: Buffer = Buffer.alloc(0)
  socket.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= headBytes && rest.length >= headBytes + rest.readUInt32BE()) {
      const end = headBytes + rest.readUInt32BE()
      // What comes is what the other side of this file sends.
      for (const item of reader.unpack(rest.subarray(headBytes, end)) as Item[]) onItem(item)
      rest = rest.subarray(end)
    }
  })
}
