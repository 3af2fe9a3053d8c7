import { connect } from "node:net"
import type { Socket } from "node:net"
import { isMainThread } from "node:worker_threads"
import { eachMessage } from "./each-message.ts"
import type { FromProcess, ToProcess } from "./message.ts"
import { shiftClock } from "./shifted-clock.ts"
import { here } from "./version-here.ts"

// Loaded before the program in every process of the shop. In those that run a service it lets the faults in: it tells who
// runs here, has the service found through a proxy, and shifts the clock when it is told to.
const path = process.env["HANOK_CHAOS_SOCKET"]
if (isMainThread && path !== undefined && process.env["HANOK_SUPERVISED"] === "1") install(connect(path))

interface Started {
  readonly kind: "started"
  readonly seam: { readonly host: string; readonly port: number }
}

function install(control: Socket): void {
  // What the service starts itself is a program of its own.
  delete process.env["NODE_OPTIONS"]
  delete process.env["HANOK_CHAOS_SOCKET"]
  control.unref()
  const tell = (message: FromProcess) => void control.write(`${JSON.stringify(message)}\n`)
  tell({ kind: "there", pid: process.pid })
  const proxied = Promise.withResolvers<number>()
  eachMessage<ToProcess>(control, (message) => {
    if (message.kind === "clock") shiftClock(message.shiftMs)
    else proxied.resolve(message.port)
  })
  tellWhoRunsHere(tell)
  beFoundAt(proxied.promise, tell)
}

function tellWhoRunsHere(tell: (message: FromProcess) => void): void {
  const emit = process.emit.bind(process) as (event: string, ...rest: unknown[]) => boolean
  const listening = (event: string, ...rest: unknown[]) => {
    const [message] = rest
    if (event === "message" && isOf<{ readonly kind: string; readonly service: string }>(message, "begin"))
      tell({ kind: "begin", service: message.service, version: here.version })
    return emit(event, ...rest)
  }
  process.emit = listening as typeof process.emit
}

function beFoundAt(proxied: Promise<number>, tell: (message: FromProcess) => void): void {
  const send = process.send?.bind(process) as ((...all: unknown[]) => boolean) | undefined
  if (!send) return
  // In the order in which they were sent, those too that come while the proxy is opened.
  let before: Promise<unknown> = Promise.resolve()
  const sending = (message: unknown, ...rest: unknown[]) => {
    if (isOf<Started>(message, "started")) {
      tell({ kind: "started", port: message.seam.port })
      before = before.then(() => proxied).then((port) => send({ ...message, seam: { ...message.seam, port } }, ...rest))
    } else before = before.then(() => send(message, ...rest))
    return true
  }
  process.send = sending as NonNullable<typeof process.send>
}

function isOf<Message extends { readonly kind: string }>(message: unknown, kind: Message["kind"]): message is Message {
  return typeof message === "object" && message !== null && "kind" in message && message.kind === kind
}
