import { once } from "node:events"
import { connect } from "node:net"
import type { Socket } from "node:net"
import { defineContract, defineModule, defineTopology, event, isFault, query } from "@hanok/contract"
import { Packr } from "msgpackr"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import { startService } from "../host/service.ts"
import type { Seam } from "../seam/seam.ts"
import { FrameEncoder } from "./codec.ts"
import { callerOf, callOf, echoing, outcome, secret, serve } from "./fixture.ts"
import { frameKinds } from "./frame.ts"
import type { SeamServer } from "./seam-server.ts"
import { signServiceToken } from "./service-token.ts"
import type { ServiceIdentity } from "./service-token.ts"

test("a peer that names a trace of no numbers is cut off, and the process lives", async () => {
  const contract = defineContract("echo", {
    echo: query({ input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) }),
  })
  const waiting = async () => {
    await new Promise(setImmediate)
    throw new Error("no")
  }
  const handlers = { echo: () => waiting }
  const topology = defineTopology({
    modules: [
      defineModule({ contract, owner: "team-echo", handlers }),
      defineModule({ contract: defineContract("order", {}), owner: "team-order", uses: { echo: contract }, handlers: {} }),
    ],
  })
  const env = {
    HANOK_SECRET: secret,
    HANOK_GATEWAY_PORT: "0",
    HANOK_LOG_LEVEL: "silent",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
  }
  const service = await startService({ topology, service: "main", env, discovery: createAddressBook() })
  onTestFinished(() => service.close({ graceMs: 0 }))
  const caller = callerOf([], { topology, book: createAddressBook({ echo: [service.seamAddress] }) })
  const trace = { trace0: 2n ** 62n, trace1: 1, trace2: 1, trace3: 1, span0: 1, span1: 1 } as never
  expect(isFault(await outcome(caller.send(callOf({ text: "x" }, { trace }))), "UNAVAILABLE")).toBe(true)
  await expect.poll(() => caller.ready).toBe(1)
  expect(isFault(await outcome(caller.send(callOf({ text: "x" }))), "INTERNAL")).toBe(true)
})

test("a peer whose names are longer than any name is cut off, since targets stay", async () => {
  const server = await serve(echoing)
  const closed = outcome(callerOf([server], { modules: ["x".repeat(2_000)] }).send(callOf({}, { caller: "x".repeat(2_000) })))
  expect(isFault(await closed, "UNAVAILABLE")).toBe(true)
  expect(await callerOf([server]).send(callOf({ text: "still here" })).reply).toEqual({ text: "still here" })
})

test("a peer whose call is for a subscriber, whom only an event has, is cut off, since targets stay", async () => {
  const server = await serve(echoing)
  const closed = outcome(callerOf([server]).send(callOf({ text: "x" }, { subscriber: "anybody" })))
  expect(isFault(await closed, "UNAVAILABLE")).toBe(true)
  expect(await callerOf([server]).send(callOf({ text: "still here" })).reply).toEqual({ text: "still here" })
})

const hanging: Seam = { send: () => ({ reply: new Promise(() => undefined), cancel: () => undefined }) }
const targetNamed = (number: number, caller = "order") => [number, "call", caller, "echo", "echo", null]
const callNumbered = (id: number) => [id, 0, 60_000, 1, 2, 3, 4, 5, 6, null, null, null, {}]

/** A connection of a service with a token, on which anything can be sent; `first` comes with the request to upgrade. */
async function peerOf({ address }: SeamServer, first = Buffer.alloc(0)): Promise<Socket> {
  const token = await signServiceToken({ secret, identity: { name: "shop", modules: ["order"], uses: [] } })
  const socket = connect(address.port, "127.0.0.1")
  onTestFinished(() => void socket.destroy())
  const head = `GET /hanok HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: hanok/1\r\nauthorization: Bearer ${token}\r\n\r\n`
  socket.write(Buffer.concat([Buffer.from(head), first]))
  await once(socket, "data")
  return socket
}

test.each([
  ["has a number that is none", [callNumbered(Number.NaN)]],
  ["has the number of another one under way", [callNumbered(1), callNumbered(1)]],
])("a peer whose call %s is cut off, and the process goes on", async (_, calls) => {
  const server = await serve(hanging)
  const socket = await peerOf(server)
  const encoder = new FrameEncoder()
  socket.write(encoder.encode(frameKinds.target, targetNamed(0)))
  socket.resume().write(encoder.encode(frameKinds.calls, calls))
  await once(socket, "close")
  expect(await callerOf([await serve(echoing)]).send(callOf({ text: "still here" })).reply).toEqual({ text: "still here" })
})

test("a peer whose call says once what it means a million times, or refers to itself, is cut off", async () => {
  let doubled: unknown = "x"
  for (let times = 0; times < 20; times++) doubled = [doubled, doubled]
  const circle: unknown[] = []
  circle.push(circle)
  const server = await serve(hanging)
  for (const input of [doubled, circle]) {
    const socket = await peerOf(server)
    socket.write(new FrameEncoder().encode(frameKinds.target, targetNamed(0)))
    const body = new Packr({ structuredClone: true, useRecords: false }).pack([[...callNumbered(1).slice(0, -1), input]])
    const head = Buffer.alloc(5)
    head.writeUInt32BE(body.length + 1)
    head.writeUInt8(frameKinds.calls, 4)
    socket.resume().write(Buffer.concat([head, body]))
    await once(socket, "close")
  }
  expect(await callerOf([await serve(echoing)]).send(callOf({ text: "still here" })).reply).toEqual({ text: "still here" })
})

test.each([
  ["empty objects", "80"],
  ["empty lists", "90"],
  ["pieces of memory without bytes", "c400"],
])("a peer whose call has millions of %s, which take far more room than on the wire, is cut off", async (_, hex) => {
  const server = await serve(hanging)
  const socket = await peerOf(server)
  const encoder = new FrameEncoder()
  socket.write(encoder.encode(frameKinds.target, targetNamed(0)))
  const frame = encoder.encode(frameKinds.calls, [[...callNumbered(1).slice(0, -1), 0]])
  const input = Buffer.concat([Buffer.from([0xdd, 0, 0x20, 0, 0]), Buffer.from(hex.repeat(0x200000), "hex")])
  const whole = Buffer.concat([frame.subarray(0, -1), input])
  whole.writeUInt32BE(whole.length - 4)
  socket.resume().write(whole)
  await once(socket, "close")
  expect(await callerOf([await serve(echoing)]).send(callOf({ text: "still here" })).reply).toEqual({ text: "still here" })
})

test("a peer that names ever more targets is cut off, and the names that it makes up get no place of their own", async () => {
  const server = await serve(hanging)
  const socket = await peerOf(server)
  const encoder = new FrameEncoder()
  for (let number = 0; number <= 10_000; number++) socket.write(encoder.encode(frameKinds.target, targetNamed(number, `made up ${number}`)))
  await once(socket.resume(), "close")
  expect(server.gate.compartments.map(({ name }) => name)).toEqual(["shop"])
})

test("what comes together with the request to upgrade is read", async () => {
  const seen = Promise.withResolvers<unknown>()
  const server = await serve({ send: (call) => (seen.resolve(call.input), hanging.send(call)) })
  const encoder = new FrameEncoder()
  const frames = [encoder.encode(frameKinds.target, targetNamed(0)), encoder.encode(frameKinds.calls, [callNumbered(1)])]
  await peerOf(server, Buffer.concat(frames))
  expect(await seen.promise).toEqual({})
})

test("calls that follow each other have each its own user, with the roles of that one", async () => {
  const seen: unknown[] = []
  const server = await serve({ send: (call) => (seen.push(call.identity), echoing.send(call)) })
  const caller = callerOf([server])
  const identities = [
    { subject: "kim", roles: ["clerk"] },
    { subject: "lee", roles: ["clerk"] },
    { subject: "lee", roles: ["admin"] },
    { subject: "lee", roles: ["admin", "clerk"] },
    { subject: "lee", roles: [] },
    undefined,
    { subject: "kim", roles: [] },
    { subject: "kim", roles: [] },
  ]
  for (const identity of identities) await caller.send(callOf({ text: "x" }, { identity })).reply
  expect(seen).toEqual(identities)
})

test("a service does not speak for a module that has its name, unless that is its own", async () => {
  const server = await serve(echoing)
  expect(isFault(await outcome(callerOf([server]).send(callOf({ text: "x" }, { caller: "shop" }))), "FORBIDDEN")).toBe(true)
})

test("what a peer called is cancelled when its connection ends", async () => {
  let cancelled = 0
  const server = await serve({ send: () => ({ reply: new Promise(() => undefined), cancel: () => cancelled++ }) })
  const caller = callerOf([server])
  for (let call = 0; call < 3; call++) void outcome(caller.send(callOf({ text: "x" })))
  await expect.poll(() => server.gate.load.inFlight).toBe(3)
  await caller.close({ graceMs: 0 })
  await expect.poll(() => cancelled).toBe(3)
})

test.each([0, -1, Number.NaN, Number.NEGATIVE_INFINITY])(
  "a call that says it has %d ms left is answered and not begun",
  async (remainingMs) => {
    const contract = defineContract("echo", { echo: query({ input: z.object({}), output: z.object({}) }) })
    let begun = 0
    const handlers = { echo: () => async () => (begun++, {}) }
    const order = defineModule({ contract: defineContract("order", {}), owner: "team-order", uses: { echo: contract }, handlers: {} })
    const topology = defineTopology({ modules: [defineModule({ contract, owner: "team-echo", handlers }), order] })
    const env = { HANOK_SECRET: secret, HANOK_GATEWAY_PORT: "0", HANOK_LOG_LEVEL: "silent" }
    const service = await startService({ topology, service: "main", env, discovery: createAddressBook() })
    onTestFinished(() => service.close({ graceMs: 0 }))
    const caller = callerOf([], { topology, book: createAddressBook({ echo: [service.seamAddress] }) })
    await expect.poll(() => caller.ready).toBe(1)
    for (let calls = 0; calls < 2; calls++)
      expect(isFault(await outcome(caller.send(callOf({}, { remainingMs }))), "DEADLINE_EXCEEDED")).toBe(true)
    expect([begun, await outcome(caller.send(callOf({}, { remainingMs: Number.POSITIVE_INFINITY })))]).toEqual([0, {}])
    expect(begun).toBe(1)
  },
)

test.each(["order", "gateway"])("a program whose name is %s may call what its token names, and nothing else in that name", async (name) => {
  const input = z.object({})
  const echo = defineContract("echo", { echo: query({ input, output: input, http: "GET /echo", access: "public" }) })
  const stock = defineContract("stock", { level: query({ input, output: input }) })
  const order = defineContract("order", { ordered: event(input) })
  const heard: unknown[] = []
  const reactions = { order: { ordered: () => async (payload: unknown) => void heard.push(payload) } }
  const modules = [
    defineModule({ contract: echo, owner: "team-echo", listens: { order }, reactions, handlers: { echo: () => async () => ({}) } }),
    defineModule({ contract: stock, owner: "team-stock", handlers: { level: () => async () => ({}) } }),
    defineModule({ contract: order, owner: "team-order", uses: { echo }, handlers: {} }),
  ]
  const topology = defineTopology({ modules })
  const env = { HANOK_SECRET: secret, HANOK_GATEWAY_PORT: "0", HANOK_LOG_LEVEL: "silent" }
  const service = await startService({ topology, service: "main", env, discovery: createAddressBook() })
  onTestFinished(() => service.close({ graceMs: 0 }))
  const callerAs = (identity: Partial<ServiceIdentity>) =>
    callerOf([], { topology, identity, book: createAddressBook({ echo: [service.seamAddress] }) })
  // What the module of that name calls is known by then.
  const own = callerAs({ modules: [name] })
  expect(await outcome(own.send(callOf({}, { caller: name })))).toEqual({})
  const program = callerAs({ name, modules: [], uses: ["stock"] })
  const level = { caller: name, contract: "stock", operation: "level" }
  const ordered = { kind: "event", caller: name, contract: "order", operation: "ordered", subscriber: "echo" } as const
  expect(await outcome(program.send(callOf({}, level)))).toEqual({})
  expect(isFault(await outcome(program.send(callOf({}, { caller: name }))), "FORBIDDEN")).toBe(true)
  expect(isFault(await outcome(program.send(callOf({}, ordered))), "FORBIDDEN")).toBe(true)
  expect(heard).toEqual([])
  const token = await signServiceToken({ secret, identity: { name, modules: [], uses: ["stock"] } })
  const post = (path: string) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" }
    return fetch(`http://127.0.0.1:${service.seamAddress.port}/rpc/${path}`, { method: "POST", headers, body: "{}" })
  }
  expect([(await post("stock/level")).status, (await post("echo/echo")).status]).toEqual([200, 403])
})
