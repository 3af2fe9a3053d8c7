import type { IncomingMessage, Server } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { isFault } from "@hanok/contract"
import type { Contract, Logger } from "@hanok/contract"
import { longestTimerMs } from "../context/deadlines.ts"
import type { Address } from "../discovery/address.ts"
import { answerClientError } from "../gateway/client-error.ts"
import { linger } from "../gateway/close-gently.ts"
import type { Closing } from "../gateway/close-gently.ts"
import { problemReply } from "../gateway/problem-reply.ts"
import { createServer } from "../http.ts"
import { readBeforeClosing } from "../read-before-closing.ts"
import { Gate } from "../resilience/gate.ts"
import type { ServiceMetrics } from "../resilience/metrics.ts"
import type { Seam } from "../seam/seam.ts"
import type { ContractBook } from "./contract-book.ts"
import { createOperationBook } from "./operation-book.ts"
import { createRpc, noTrace } from "./rpc.ts"
import type { ServerConnection, ServerConnectionOptions } from "./server-connection.ts"
import { verifyServiceToken } from "./service-token.ts"

export interface SeamServerOptions {
  readonly service: string
  readonly instance: string
  readonly seam: Seam
  readonly book: ContractBook
  /** The environment's secret: see `signServiceToken`. */
  readonly secret: string
  readonly log: Logger
  /** Of the modules that live here: their operations' priorities count, `/openapi.json` describes them, and peers are told of them. */
  readonly contracts: readonly Contract[]
  /** Of the modules to which calls may be passed on: their operations' priorities count, too. */
  readonly elsewhere: readonly Contract[]
  /** What `/health/load` and `/metrics` tell. */
  readonly metrics: () => ServiceMetrics
  /** What is not ready, a line each; empty when calls may be sent. */
  readonly unready: () => Promise<readonly string[]>
  /** Whether other services are let in. */
  readonly letsIn: () => Promise<boolean>
  /** `127.0.0.1` when not given: this machine only. */
  readonly host?: string | undefined
  /** 0 takes a free one. */
  readonly port: number
}

/** Lets other services in, and other programs by plain HTTP: one port for both. */
export interface SeamServer {
  readonly address: Address
  /** Where calls wait for their turn. */
  readonly gate: Gate
  /** Connections of which no calls are read, because their peers do not take their answers. */
  readonly held: number
  /**
   * Tells services to call elsewhere, lets what is under way end for `graceMs`, then cuts it. The calls of services that know nobody else
   * yet are taken for `lingerMs`; so are those of programs by plain HTTP, which cannot be told, where there have been any.
   */
  close(options: Closing): Promise<void>
}

/**
 * More patient than the gateway: a call that is shed here wastes what has been done for its request already, so requests should
 * be shed where they come in. The gateway does, because it takes longer for its requests when services behind it are slow.
 */
const gateLimits = { most: 4_096, least: 64, allowanceMs: 250, patientMs: 1_000, retryAfterMs: 100 }

/** Rejects when the port is taken (`EADDRINUSE`). */
export async function createSeamServer(options: SeamServerOptions): Promise<SeamServer> {
  const connections = new Set<ServerConnection>()
  // The server knows a socket no more once it is asked for an upgrade.
  const sockets = new Set<Socket>()
  const state = { draining: false, calledByHttp: false }
  const gate = new Gate({ name: options.service, ...gateLimits })
  const operationOf = createOperationBook(gate, [...options.contracts, ...options.elsewhere])
  const onCall = () => void (state.calledByHttp = true)
  const rpc = createRpc({ ...options, gate, operationOf, onCall })
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16_384, shouldUpgradeCallback }, rpc)
  readBeforeClosing(server)
  server.on("upgrade", (request, socket: Socket, head: Buffer) => {
    sockets.add(socket)
    socket.once("close", () => sockets.delete(socket))
    void upgrade({ ...options, gate, operationOf, state }, connections, request, socket, head)
  })
  server.on("clientError", (error, socket: Socket) =>
    answerClientError(error, socket, (problem) => problemReply(problem, undefined, noTrace)),
  )
  await listen(server, options)
  // `address()` is an AddressInfo for a server that listens on TCP.
  const { address, port } = server.address() as AddressInfo
  return {
    address: { host: address, port },
    gate,
    get held() {
      return [...connections].filter(({ isHeld }) => isHeld).length
    },
    async close({ graceMs, lingerMs = 0 }) {
      state.draining = true
      for (const connection of connections) connection.drain(Math.min(lingerMs, graceMs))
      const cutAll = () => {
        for (const socket of sockets) socket.destroy()
        server.closeAllConnections()
      }
      const cut = setTimeout(cutAll, Math.min(graceMs, longestTimerMs))
      if (lingerMs > 0 && state.calledByHttp) await linger(server, Math.min(lingerMs, graceMs), false)
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      await closed
      gate.close()
      clearTimeout(cut)
    },
  }
}

// Others offer another protocol with every request, as Java's client does HTTP/2, and are content with this one.
function shouldUpgradeCallback({ headers }: IncomingMessage): boolean {
  return headers.upgrade === "hanok/1"
}

function listen(server: Server, { host = "127.0.0.1", port }: SeamServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen({ host, port }, () => {
      server.off("error", reject)
      resolve()
    })
  })
}

interface UpgradeOptions extends SeamServerOptions, Pick<ServerConnectionOptions, "gate" | "operationOf"> {
  readonly state: { readonly draining: boolean }
}

async function upgrade(
  options: UpgradeOptions,
  connections: Set<ServerConnection>,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): Promise<void> {
  socket.on("error", () => socket.destroy())
  if (request.url !== "/hanok") return refuse(socket, "426 Upgrade Required")
  try {
    const peer = await verifyServiceToken(options.secret, request.headers.authorization)
    // What encodes is not loaded by a process that nobody connects to.
    const { ServerConnection } = await import("./server-connection.ts")
    const isLetIn = await options.letsIn()
    if (socket.destroyed) return
    if (!isLetIn || options.state.draining) return refuse(socket, "503 Service Unavailable")
    socket.setTimeout(0)
    socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: hanok/1\r\n\r\n")
    const { service, instance, seam, gate, operationOf, book, log, contracts } = options
    const modules = contracts.map(({ name }) => name)
    const onClosed = (connection: ServerConnection) => connections.delete(connection)
    connections.add(new ServerConnection({ socket, head, peer, service, instance, modules, seam, gate, operationOf, book, log, onClosed }))
  } catch (error) {
    if (isFault(error, "UNAUTHENTICATED")) return refuse(socket, "401 Unauthorized", challengeOf(error.message))
    options.log.error("an upgrade failed", { error: String(error) })
    refuse(socket, "401 Unauthorized")
  }
}

function refuse(socket: Socket, status: string, more = ""): void {
  const answer = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\nupgrade: hanok/1\r\n${more}\r\n`
  // Sockets of an HTTP server stay half open: who does not leave by himself would stay for ever.
  socket.end(answer, () => socket.destroy())
}

// RFC 6750, section 3, with the characters that it allows: for the caller's log, for here nobody looks for it.
function challengeOf(message: string): string {
  const description = message.slice(0, 200).replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'")
  return `www-authenticate: Bearer realm="hanok", error="invalid_token", error_description="${description}"\r\n`
}
