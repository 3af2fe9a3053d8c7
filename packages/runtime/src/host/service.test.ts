import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import type { Adapter } from "@hanok/contract"
import { trace } from "@opentelemetry/api"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import { newRootSpanIds } from "../recorder/index.ts"
import { helloFrame, oddPeer } from "../wire/fixture.ts"
import { verifyServiceToken } from "../wire/service-token.ts"
import { startService } from "./service.ts"

const echoContract = defineContract("echo", {
  say: query({ input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) }),
})
const echoModule = defineModule({
  contract: echoContract,
  owner: "team-echo",
  handlers: {
    say: () => (input) =>
      trace.getTracer("a library").startActiveSpan("library work", async (span) => {
        span.end()
        return input
      }),
  },
})
const topology = defineTopology({ name: "echoes", modules: [echoModule] })
const env = { HANOK_SECRET: "a secret for this test alone, 32 characters", HANOK_GATEWAY_PORT: "0" }

/** What a service has sent to an OTLP receiver when it has answered one call and is closed. */
async function exported(): Promise<string> {
  const bodies: string[] = []
  const receiver = createServer((request, response) => {
    request.on("data", (chunk: Buffer) => bodies.push(`${request.url} ${request.headers["authorization"]} ${chunk.toString()}`))
    request.on("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"))
  }).listen(0, "127.0.0.1")
  await once(receiver, "listening")
  onTestFinished(() => void receiver.close())
  const otel = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
  }
  const service = await startService({ topology, service: "main", env: { ...env, ...otel }, discovery: createAddressBook() })
  const call = { caller: "t", uses: ["echo"], kind: "call", contract: "echo", operation: "say", subscriber: undefined } as const
  await service.host.seam.send({
    ...call,
    input: { text: "x" },
    remainingMs: 5000,
    trace: newRootSpanIds(),
    identity: undefined,
    idempotencyKey: undefined,
  }).reply
  await service.close({ graceMs: 1000 })
  return bodies.join("\n")
}

test("a service exports as OpenTelemetry's variables say, and the spans of libraries with its own", async () => {
  const sent = await exported()
  for (const part of ["/v1/traces Bearer abc", "deployment.environment.name", '"echo.say"', '"library work"', '"a library"'])
    expect(sent).toContain(part)
})

test("the spans of libraries are for the service that is there, and not for one that was closed before", async () => {
  await exported()
  expect(await exported()).toContain('"library work"')
})

test("a variable that cannot be understood stops the start, and is named", async () => {
  const wrong = { ...env, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }
  await expect(startService({ topology, service: "main", env: wrong, discovery: createAddressBook() })).rejects.toThrow(
    'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; spans are exported by http/protobuf (usual) or http/json.',
  )
})

/** A port of this machine that somebody listens at. */
async function takenPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test("a start that fails leaves no door open", async () => {
  const seam = createServer().listen(0, "127.0.0.1")
  await once(seam, "listening")
  const seamPort = (seam.address() as AddressInfo).port
  await new Promise((resolve) => void seam.close(resolve))
  const start = startService({ topology, service: "main", env, discovery: createAddressBook(), seamPort, gatewayPort: await takenPort() })
  await expect(start).rejects.toThrow("EADDRINUSE")
  await expect(fetch(`http://127.0.0.1:${seamPort}/health/live`)).rejects.toThrow("fetch failed")
})

test("a service that is closed before its needs are ready never begins its jobs", async () => {
  const isReady = Promise.withResolvers<void>()
  let asked = 0
  const database: Adapter<object> = {
    kind: "adapter",
    technology: "database",
    create: async () => ({ port: {}, ready: () => ((asked += 1), isReady.promise) }),
  }
  let runs = 0
  const jobs = { count: { everyMs: 10, run: () => async () => void (runs += 1) } }
  const modules = [
    defineModule({ contract: echoContract, owner: "team-echo", needs: { database }, handlers: { say: () => (input) => input }, jobs }),
  ]
  const service = await startService({ topology: defineTopology({ modules }), service: "main", env, discovery: createAddressBook() })
  await expect.poll(() => asked).toBeGreaterThan(0)
  await service.close({ graceMs: 0 })
  isReady.resolve()
  await sleep(100)
  expect(runs).toBe(0)
})

test("a service that lingers is not ready, and says so at each of its ports", async () => {
  const service = await startService({ topology, service: "main", env, discovery: createAddressBook() })
  const ports = [service.gatewayUrl, `http://127.0.0.1:${service.seamAddress.port}`]
  const readiness = () =>
    Promise.all(
      ports.map(async (url) => {
        const answer = await fetch(`${url}/health/ready`)
        return { status: answer.status, body: await answer.json() }
      }),
    )
  await expect.poll(readiness).toEqual(ports.map(() => ({ status: 200, body: { status: "ready" } })))
  const closing = service.close({ graceMs: 20_000, lingerMs: 5_000 })
  const draining = { status: 503, body: { code: "UNAVAILABLE", missing: [expect.stringContaining("draining")] } }
  expect(await readiness()).toMatchObject([draining, draining])
  await closing
})

test.each(["70000", "-1", "80.5", "http"])("a port of the gateway that is none (%s) stops the start, and is named", async (port) => {
  const start = startService({ topology, service: "main", env: { ...env, HANOK_GATEWAY_PORT: port }, discovery: createAddressBook() })
  await expect(start).rejects.toThrow(`HANOK_GATEWAY_PORT is "${port}"; it takes a port from 0 (any free one) to 65535.`)
})

const contractOf = (name: string) => defineContract(name, { read: query({ input: z.object({}), output: z.object({}) }) })
const handlers = { read: () => () => ({}) }

test("a service speaks for its modules, says what they use elsewhere, and speaks for the gateway only where that is", async () => {
  const tokens: (string | undefined)[] = []
  const peer = await oddPeer((socket, _, { headers }) => void (tokens.push(headers.authorization), socket.write(helloFrame())))
  const [callee, reader] = [contractOf("callee"), contractOf("reader")]
  const modules = [
    defineModule({ contract: callee, owner: "team-echo", handlers }),
    defineModule({ contract: reader, owner: "team-reader", uses: { callee }, handlers }),
  ]
  const services = { callee: { modules: ["callee"] }, reader: { modules: ["reader"] } }
  const apart = defineTopology({ modules, services, gateway: { service: "front" } })
  for (const service of ["reader", "front"]) {
    const running = await startService({ topology: apart, service, env, discovery: createAddressBook({ callee: [peer.address] }) })
    onTestFinished(() => running.close({ graceMs: 0 }))
  }
  await expect.poll(() => tokens.length).toBe(2)
  const identities = await Promise.all(tokens.map((token) => verifyServiceToken(env.HANOK_SECRET, token)))
  expect(identities.toSorted((one, other) => one.name.localeCompare(other.name))).toEqual([
    { name: "front", modules: ["gateway"], uses: [], passesOn: true, calls: [] },
    { name: "reader", modules: ["reader"], uses: [], passesOn: true, calls: ["callee"] },
  ])
})

test("a service connects once to another, however many of its modules it calls, and leaves it when it closes", async () => {
  const peer = await oddPeer((socket) => void socket.write(helloFrame()))
  const [first, second, reader] = [contractOf("first"), contractOf("second"), contractOf("reader")]
  const modules = [first, second].map((contract) => defineModule({ contract, owner: "team-echo", handlers }))
  const both = defineModule({ contract: reader, owner: "team-reader", uses: { first, second }, handlers })
  const apart = defineTopology({ modules: [...modules, both], services: { callee: { modules: ["first", "second"] } } })
  const service = await startService({ topology: apart, service: "main", env, discovery: createAddressBook({ callee: [peer.address] }) })
  await expect.poll(() => service.metrics().replicas.length).toBe(1)
  await expect.poll(() => peer.sockets.length).toBe(1)
  const left = once(peer.sockets[0]?.resume() ?? expect.fail(), "end")
  await service.close({ graceMs: 0 })
  await left
  expect(peer.sockets).toHaveLength(1)
})

test("a service describes the operations of its own modules, and of no others", async () => {
  const modules = ["here", "there"].map((name) => defineModule({ contract: contractOf(name), owner: "team-reader", handlers }))
  const apart = defineTopology({ modules, services: { there: { modules: ["there"] } } })
  const service = await startService({ topology: apart, service: "there", env, discovery: createAddressBook() })
  onTestFinished(() => service.close({ graceMs: 0 }))
  const { host, port } = service.seamAddress
  const document: unknown = await (await fetch(`http://${host}:${port}/openapi.json`)).json()
  expect(Object.keys((document as { readonly paths: object }).paths)).toEqual(["/rpc/there/read"])
})

test(
  "who has the address of a replica and runs another service is called by nobody who looks for that replica",
  { timeout: 20_000 },
  async () => {
    const contract = defineContract("echo", {
      say: query({ input: z.object({}), output: z.object({}), http: "GET /say", access: "public" }),
    })
    const echo = defineModule({ contract, owner: "team-echo", handlers: { say: () => async () => ({}) } })
    const other = defineModule({ contract: defineContract("other", {}), owner: "team-other", handlers: {} })
    const split = defineTopology({ modules: [echo, other], services: { echo: { modules: ["echo"] }, other: { modules: ["other"] } } })
    const discovery = createAddressBook()
    const open = async (service: string) => {
      const started = await startService({ topology: split, service, env, discovery })
      onTestFinished(() => started.close({ graceMs: 0 }))
      return started
    }
    const [main, stranger, replica] = [await open("main"), await open("other"), await open("echo")]
    const ask = async () => (await fetch(`${main.gatewayUrl}/say`)).status
    // As where addresses are given out again before everybody has heard whose they are now.
    discovery.update({ echo: [stranger.seamAddress] })
    expect(await ask()).toBe(503)
    discovery.update({ echo: [stranger.seamAddress, replica.seamAddress] })
    for (let call = 0; call < 20; call++) expect(await ask()).toBe(200)
  },
)

test("behind a proxy that the topology names each client has its own rate, and behind any other all have one", async () => {
  const statuses = async (trustedProxies: readonly string[]) => {
    const proxied = defineTopology({ modules: [echoModule], gateway: { requestsPerSecond: 0.01, trustedProxies } })
    const service = await startService({ topology: proxied, service: "main", env, discovery: createAddressBook() })
    onTestFinished(() => service.close({ graceMs: 0 }))
    const found = []
    for (const client of ["203.0.113.1", "203.0.113.2", "203.0.113.2"])
      found.push((await fetch(`${service.gatewayUrl}/none`, { headers: { "x-forwarded-for": client } })).status)
    return found
  }
  expect(await statuses(["127.0.0.0/8", "::1"])).toEqual([404, 404, 429])
  expect(await statuses([])).toEqual([404, 429, 429])
})
