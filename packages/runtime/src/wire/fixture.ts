import { createServer } from "node:http"
import type { IncomingMessage } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import type { Operation, Topology } from "@hanok/contract"
import { expect, onTestFinished } from "vitest"
import { z } from "zod"
import { CallContext } from "../context/call-context.ts"
import { nobodysRequest } from "../context/request-traits.ts"
import { Scope } from "../context/scope.ts"
import { createAddressBook } from "../discovery/address-book.ts"
import type { AddressBook } from "../discovery/address-book.ts"
import type { Address } from "../discovery/address.ts"
import { createLog, loggerFor } from "../log.ts"
import { newRootSpanIds, SpanTemplate } from "../recorder/index.ts"
import { recording } from "../recorder/recording.fixture.ts"
import type { Seen } from "../recorder/recording.fixture.ts"
import { createOutgoing } from "../seam/outgoing.ts"
import { createRemoteTarget, sendRemote } from "../seam/remote-call.ts"
import type { PendingReply, ReplicatedSeam, Seam, SeamCall } from "../seam/seam.ts"
import { FrameEncoder } from "./codec.ts"
import { frameKinds } from "./frame.ts"
import { createRemoteSeam } from "./remote-seam.ts"
import type { RemoteSeam } from "./remote-seam.ts"
import { createSeamServer } from "./seam-server.ts"
import type { SeamServer, SeamServerOptions } from "./seam-server.ts"
import { signServiceToken } from "./service-token.ts"
import type { ServiceIdentity } from "./service-token.ts"
import { contractBookOf } from "./topology-book.ts"

export const secret = "a secret for the tests of the wire"
const pino = createLog({ service: "test", instance: "test", level: "silent" })
const log = loggerFor(pino, {})

export const echoContract = defineContract("echo", {
  echo: query({ input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) }),
})
export const echoTopology = topologyOf(echoContract)

export function topologyOf(contract: typeof echoContract): Topology {
  const handlers = { echo: () => async (input: { text: string }) => input }
  return defineTopology({ modules: [defineModule({ contract, owner: "team-echo", handlers })] })
}

export const echoing: Seam = { send: (call) => ({ reply: Promise.resolve(call.input), cancel: () => undefined }) }

export async function serve(seam: Seam, topology = echoTopology, more: Partial<SeamServerOptions> = {}): Promise<SeamServer> {
  const book = contractBookOf(topology)
  const server = await createSeamServer({
    service: "echo",
    instance: "1",
    seam,
    book,
    secret,
    log,
    contracts: [],
    elsewhere: [],
    metrics: () => expect.fail("Nobody has said what they are."),
    unready: async () => [],
    letsIn: async () => true,
    port: 0,
    ...more,
  })
  onTestFinished(() => server.close({ graceMs: 0 }))
  return server
}

/** What a peer of the protocol sends, in any order it likes. */
export interface OddPeer {
  readonly address: Address
  /** The connections that it has taken, in their order. */
  readonly sockets: readonly Socket[]
}

/** Takes connections as a service does, and then does with each of them what `does` says. */
export async function oddPeer(does: (socket: Socket, turn: number, request: IncomingMessage) => void): Promise<OddPeer> {
  const sockets: Socket[] = []
  const server = createServer().on("upgrade", (request, socket: Socket) => {
    socket.on("error", () => undefined)
    socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: hanok/1\r\n\r\n")
    does(socket, sockets.push(socket), request)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  // A server that listens on a port has such an address.
  return { address: { host: "127.0.0.1", port: (server.address() as AddressInfo).port }, sockets }
}

export const helloFrame = () => new FrameEncoder().encode(frameKinds.hello, { service: "echo", instance: "1", differing: {} })

interface CallerOptions {
  readonly book?: AddressBook
  readonly modules?: readonly string[]
  /** What its token says otherwise. */
  readonly identity?: Partial<ServiceIdentity>
  readonly secret?: string
  readonly topology?: Topology
}

export function callerOf(servers: readonly SeamServer[], options: CallerOptions = {}): RemoteSeam {
  const addresses = options.book ?? createAddressBook({ echo: servers.map((server) => server.address) })
  const identity = { name: "shop", modules: options.modules ?? ["order"], uses: [], ...options.identity }
  const seam = createRemoteSeam({
    service: "echo",
    caller: "shop",
    services: ["echo"],
    addresses: addresses.addressesOf("echo"),
    book: contractBookOf(options.topology ?? echoTopology),
    log,
    token: () => signServiceToken({ secret: options.secret ?? secret, identity }),
  })
  onTestFinished(() => seam.close({ graceMs: 0 }))
  return seam
}

export function callOf(input: unknown, more: Partial<SeamCall> = {}): SeamCall {
  return {
    caller: "order",
    kind: "call",
    contract: "echo",
    operation: "echo",
    subscriber: undefined,
    input,
    remainingMs: 5000,
    trace: newRootSpanIds(),
    identity: { subject: "customer-7", roles: ["customer"] },
    idempotencyKey: "key-1",
    ...more,
  }
}

export const outcome = (pending: PendingReply) => pending.reply.catch((error: unknown) => error)

interface AskOptions {
  readonly timeoutMs?: number
  readonly idempotencyKey?: string
}

/** Calls `echo.echo`, declared as `operation`, the way a module's port does. Resolves with its outcome and what its span tells. */
export function askerOf(seam: ReplicatedSeam, operation: Operation): (input: unknown, options?: AskOptions) => Promise<[unknown, Seen]> {
  const target = createRemoteTarget(
    seam,
    "order",
    { contract: "echo", operation: "echo" },
    operation,
    createOutgoing("echo", "echo", operation),
  )
  return async (input, { timeoutMs = 5_000, idempotencyKey } = {}) => {
    const { recorder, spans } = recording()
    const origin = { recorder, log: pino, module: "order", contract: "echo", operation: "echo", template: SpanTemplate.shared("echo.echo") }
    const ids = newRootSpanIds()
    const context = new CallContext(origin, ids, ids, "client", Scope.endless, timeoutMs, nobodysRequest, idempotencyKey)
    const result = await sendRemote(target, input, context).catch((error: unknown) => error)
    return [result, spans[0] ?? { attributes: {}, error: undefined }]
  }
}
