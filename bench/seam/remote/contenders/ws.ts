import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { Packr } from "msgpackr"
import { WebSocket, WebSocketServer } from "ws"
import { orderOf } from "../../work.ts"
import type { Order, OrderInput } from "../../work.ts"
import type { RemoteContender } from "../contender.ts"
import { Batch } from "../batch.ts"

type Request = readonly [number, OrderInput]
type Reply = readonly [number, Order]

// The constructor writes into what it is given, so each gets a copy.
const options = { sequential: true, useRecords: true, maxStructures: 200 } as const

/** The limit: WebSocket messages of MessagePack whose field orders are sent once, batched per tick, sixteen at most. */
export const contender: RemoteContender = {
  async serve() {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false })
    server.on("connection", (socket) => {
      const [reader, writer] = [new Packr({ ...options }), new Packr({ ...options })]
      const batch = new Batch<Reply>((replies) => socket.send(writer.pack(replies)))
      socket.on("message", (message: Buffer) => {
        // What comes is what the other side of this file sends.
        for (const [id, input] of reader.unpack(message) as Request[]) batch.add([id, orderOf(input)])
      })
    })
    await once(server, "listening")
    return String((server.address() as AddressInfo).port)
  },
  async within(port, work) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
    await once(socket, "open")
    const [reader, writer] = [new Packr({ ...options }), new Packr({ ...options })]
    const waiting = new Map<number, (order: Order) => void>()
    const batch = new Batch<Request>((requests) => socket.send(writer.pack(requests)))
    socket.on("message", (message: Buffer) => {
      for (const [id, order] of reader.unpack(message) as Reply[]) {
        waiting.get(id)?.(order)
        waiting.delete(id)
      }
    })
    let last = 0
    await work((input) => {
      const id = ++last
      batch.add([id, input])
      return new Promise((resolve) => waiting.set(id, resolve))
    })
    socket.terminate()
  },
}
