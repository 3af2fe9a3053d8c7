import { createServer } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { Fault, query } from "@hanok/contract"
import { expect, onTestFinished, test, vi } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import { createLog, loggerFor } from "../log.ts"
import { now } from "../recorder/clock.ts"
import { askerOf, callerOf, callOf, echoing, echoTopology, helloFrame, oddPeer, outcome, secret, serve } from "./fixture.ts"
import { createRemoteSeam } from "./remote-seam.ts"
import { signServiceToken } from "./service-token.ts"
import { contractBookOf } from "./topology-book.ts"

const text = { input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) }
const hello = { text: "hello" }

test("a breaker lets a single call try, however many that were sent before are given up meanwhile", async () => {
  let calls = 0
  const hanging = { send: () => ((calls += 1), { reply: new Promise(() => undefined), cancel: () => undefined }) }
  const seam = callerOf([await serve(hanging)])
  await expect.poll(() => seam.ready).toBe(1)
  const before = Array.from({ length: 30 }, () => seam.send(callOf(hello)))
  const given = Promise.all(before.map(outcome))
  const ask = askerOf(seam, query(text))
  const state = () => [...(seam.states[0]?.breakers.values() ?? [])][0]?.state(now())
  while (state() === "closed") await Promise.all(Array.from({ length: 40 }, () => ask(hello, { timeoutMs: 30 })))
  await expect.poll(state).toBe("half-open")
  calls = 0
  const trying = before.map((pending) => {
    pending.cancel()
    return ask(hello, { timeoutMs: 2_000 })
  })
  await Promise.all([given, ...trying])
  expect(calls).toBe(1)
})

test("a replica for which there was no token is tried again", async () => {
  const server = await serve(echoing)
  const tokens = [
    () => Promise.reject(new Error("who keeps the secret is away")),
    () => signServiceToken({ secret, identity: { name: "shop", modules: ["order"], uses: [] } }),
  ]
  const seam = createRemoteSeam({
    service: "echo",
    caller: "shop",
    services: ["echo"],
    addresses: createAddressBook({ echo: [server.address] }).addressesOf("echo"),
    book: contractBookOf(echoTopology),
    log: loggerFor(createLog({ service: "test", instance: "test", level: "silent" }), {}),
    token: () => tokens.shift()?.() ?? Promise.reject(new Error("asked too often")),
  })
  onTestFinished(() => seam.close({ graceMs: 0 }))
  expect(await outcome(seam.send(callOf(hello)))).toEqual(hello)
})

test("a replica that takes connections only to close them is left alone for longer each time", async () => {
  // Without jitter.
  vi.spyOn(Math, "random").mockReturnValue(1)
  onTestFinished(() => void vi.restoreAllMocks())
  const fickle = await oddPeer((socket) => void socket.end(helloFrame()))
  const seam = callerOf([], { book: createAddressBook({ echo: [fickle.address] }) })
  await expect.poll(() => fickle.sockets.length).toBeGreaterThan(1)
  await sleep(1_000)
  expect(fickle.sockets.length).toBeLessThan(10)
  await seam.close({ graceMs: 0 })
})

test("of a program that answers without an end, where a replica was, no connection is kept", async () => {
  const sockets: Socket[] = []
  const endless = createServer((_request, response) => {
    const more = setInterval(() => response.write("more"), 20)
    response.once("close", () => clearInterval(more))
  }).on("connection", (socket) => sockets.push(socket))
  await new Promise<void>((resolve) => endless.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    endless.closeAllConnections()
    endless.close()
  })
  // A server that listens on a port has such an address.
  const { port } = endless.address() as AddressInfo
  callerOf([], { book: createAddressBook({ echo: [{ host: "127.0.0.1", port }] }) })
  await expect.poll(() => sockets.length).toBeGreaterThan(3)
  const before = sockets.slice(0, 3)
  await expect.poll(() => before.every(({ destroyed }) => destroyed)).toBe(true)
})

test("a callee whose own callee is slow does not lose its other callers: what it answers in time is a sign of life", async () => {
  const slow = new Fault("DEADLINE_EXCEEDED", "The deadline passed before the work was done.")
  let calls = 0
  const seam = callerOf([
    await serve({ send: (call) => ((calls += 1) > 20 ? echoing.send(call) : { reply: Promise.reject(slow), cancel: () => undefined }) }),
  ])
  const ask = askerOf(seam, query(text))
  for (let call = 0; call < 20; call++) expect((await ask(hello))[0]).toMatchObject({ code: "DEADLINE_EXCEEDED" })
  expect((await ask(hello))[0]).toEqual(hello)
})

test("a thousand calls wait for a replica, for as long as a restart takes; more do not, nor when none has been there for longer", async () => {
  const server = await serve(echoing)
  const seam = callerOf([server])
  await expect.poll(() => seam.ready).toBe(1)
  await server.close({ graceMs: 0 })
  await expect.poll(() => seam.ready).toBe(0)
  const ask = () => outcome(seam.send(callOf(hello)))
  // What fails at once does so before any timer.
  const atOnce = () => Promise.race([ask(), sleep(1_000, "waits")])
  const waiting = Array.from({ length: 1_000 }, ask)
  expect(await atOnce()).toMatchObject({ code: "UNAVAILABLE" })
  for (const given of await Promise.all(waiting)) expect(given).toMatchObject({ code: "UNAVAILABLE" })
  expect(await atOnce()).toMatchObject({ code: "UNAVAILABLE" })
  await serve(echoing, undefined, { port: server.address.port })
  await expect.poll(() => seam.ready).toBe(1)
  expect(await ask()).toEqual(hello)
})

test("a call that waits for a replica says for how long, whether one comes or its time runs out before, and is counted", async () => {
  const book = createAddressBook()
  const seam = callerOf([], { book })
  const ask = askerOf(seam, query(text))
  const waitedMs = { "hanok.replica_wait_ms": expect.any(Number) }
  const [tooLate, lateSpan] = await ask(hello, { timeoutMs: 50 })
  expect(tooLate).toMatchObject({ code: "DEADLINE_EXCEEDED" })
  expect(lateSpan.attributes).toMatchObject(waitedMs)
  const asking = ask(hello)
  book.update({ echo: [(await serve(echoing)).address] })
  const [answer, span] = await asking
  expect([answer, span.attributes]).toEqual([hello, { ...waitedMs, "hanok.replica": expect.stringContaining("127.0.0.1:") }])
  expect(await ask(hello)).toEqual([hello, { attributes: {}, error: undefined }])
  expect(seam.states.map(({ calls, waited }) => [calls, waited])).toEqual([[3, 2]])
})

/** Answers at once or after 80 ms, by turns, so that an answer takes 40 ms in the mean; then never, as `hangs` says. */
async function calleeOfTwoSpeeds() {
  let calls = 0
  let isHanging = false
  const replyTo = async (input: unknown) => {
    if (isHanging) return new Promise(() => undefined)
    if (calls++ % 2 === 1) await sleep(80)
    return input
  }
  const seam = callerOf([await serve({ send: ({ input }) => ({ reply: replyTo(input), cancel: () => undefined }) })])
  const ask = askerOf(seam, query(text))
  for (const [given] of await Promise.all(Array.from({ length: 20 }, () => ask(hello)))) expect(given).toEqual(hello)
  return { ask, hangs: (value: boolean) => void (isHanging = value) }
}

test("calls that have less time left than an answer usually takes do not open the breaker for those that have enough", async () => {
  const { ask, hangs } = await calleeOfTwoSpeeds()
  hangs(true)
  const late = await Promise.all(Array.from({ length: 60 }, () => ask(hello, { timeoutMs: 15 })))
  for (const [given] of late) expect(given).toMatchObject({ code: "DEADLINE_EXCEEDED" })
  hangs(false)
  expect((await ask(hello))[0]).toEqual(hello)
})

test("calls that had time enough for an answer and got none open the breaker", async () => {
  const { ask, hangs } = await calleeOfTwoSpeeds()
  hangs(true)
  const late = () => Promise.all(Array.from({ length: 60 }, () => ask(hello, { timeoutMs: 300 })))
  for (const [given] of await late()) expect(given).toMatchObject({ code: "DEADLINE_EXCEEDED" })
  // Deadlines that a busy machine notices late do not count.
  await expect.poll(async () => (await late())[0]?.[0]).toMatchObject({ code: "UNAVAILABLE" })
})
