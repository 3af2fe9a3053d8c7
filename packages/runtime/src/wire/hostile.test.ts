import { once } from "node:events"
import { connect } from "node:net"
import { defineContract, defineModule, defineTopology, isFault, query } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import { startService } from "../host/service.ts"
import { FrameEncoder } from "./codec.ts"
import { callerOf, callOf, echoing, outcome, secret, serve } from "./fixture.ts"
import { frameKinds } from "./frame.ts"
import { signServiceToken } from "./service-token.ts"

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

test("a peer whose call has a number that is none is cut off, and the process goes on", async () => {
  const server = await serve({ send: () => ({ reply: new Promise(() => undefined), cancel: () => undefined }) })
  const token = await signServiceToken({ secret, identity: { name: "shop", modules: ["order"], uses: [] } })
  const socket = connect(server.address.port, "127.0.0.1")
  onTestFinished(() => void socket.destroy())
  socket.write(`GET /hanok HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: hanok/1\r\nauthorization: Bearer ${token}\r\n\r\n`)
  await once(socket, "data")
  const encoder = new FrameEncoder()
  socket.write(encoder.encode(frameKinds.target, [0, "call", "order", "echo", "echo", null]))
  socket.write(encoder.encode(frameKinds.calls, [[Number.NaN, 0, 60_000, 1, 2, 3, 4, 5, 6, null, null, null, {}]]))
  await once(socket, "close")
  expect(server.gate.load).toMatchObject({ inFlight: 0, queued: 0 })
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
