import { connect, createServer } from "node:net"
import type { AddressInfo, Server, Socket } from "node:net"
import { parentPort } from "node:worker_threads"
import type { FromNetwork, ToNetwork, Weather } from "./weather.ts"
import { fair } from "./weather.ts"

// The lines between the services: a port for each process, from which everything is passed on as the weather is.
interface Line {
  readonly port: number
  readonly server: Server
  readonly sockets: Set<Socket>
  weather: Weather
  /** Called when the weather changes. */
  readonly waiting: Set<() => void>
}

const lines = new Map<number, Line>()

parentPort?.on("message", (message: ToNetwork) => {
  if (message.kind === "open") return open(message.id, message.port)
  const line = lines.get(message.id)
  if (!line) return
  if (message.kind === "close") return close(message.id, line)
  line.weather = message.weather
  for (const look of line.waiting) look()
})

function tell(message: FromNetwork): void {
  // A port of a thread has no origin.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(message)
}

function open(id: number, port: number): void {
  const server = createServer({ pauseOnConnect: true })
  const line: Line = { port, server, sockets: new Set(), weather: fair, waiting: new Set() }
  lines.set(id, line)
  server.on("connection", (client) => join(line, client))
  server.listen(0, "127.0.0.1", () => tell({ kind: "opened", id, port: (server.address() as AddressInfo).port }))
}

function close(id: number, line: Line): void {
  lines.delete(id)
  line.server.close()
  for (const socket of line.sockets) socket.destroy()
}

function join(line: Line, client: Socket): void {
  const callee = connect({ host: "127.0.0.1", port: line.port, noDelay: true })
  client.setNoDelay(true)
  for (const [one, other] of [
    [client, callee],
    [callee, client],
  ] as const) {
    line.sockets.add(one)
    one.on("error", () => undefined)
    one.on("close", () => {
      line.sockets.delete(one)
      other.destroy()
    })
    carry(line, one, other)
  }
  client.resume()
}

// What comes in at one end, in its order, out at the other.
function carry(line: Line, from: Socket, to: Socket): void {
  let dueAt = 0
  const held: { readonly chunk: Buffer; readonly dueAt: number }[] = []
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    while (!line.weather.cut && held[0] && held[0].dueAt <= performance.now()) write(held.shift()?.chunk ?? Buffer.alloc(0))
    if (!line.weather.cut && held[0]) timer = setTimeout(flush, Math.max(0, held[0].dueAt - performance.now()))
  }
  const write = (chunk: Buffer) => {
    if (!to.write(chunk)) from.pause()
  }
  from.on("data", (chunk: Buffer) => {
    const { cut, delayMs, lossShare } = line.weather
    if (held.length === 0 && !cut && delayMs === 0 && lossShare === 0) return write(chunk)
    if (Math.random() < lossShare / resets) return void from.destroy()
    // A lost packet is sent again, and what comes behind it waits.
    const lost = Math.random() < lossShare ? againMs : 0
    dueAt = Math.max(dueAt, performance.now() + delayMs + lost)
    held.push({ chunk, dueAt })
    flush()
  })
  to.on("drain", () => from.resume())
  line.waiting.add(flush)
  from.on("close", () => {
    clearTimeout(timer)
    line.waiting.delete(flush)
  })
}

/** Of as many lost packets one breaks the connection. */
const resets = 20
/** The shortest wait before TCP on Linux sends again. */
const againMs = 200
