import dns from "node:dns"
import type { LookupOptions } from "node:dns"
import type { LookupFunction } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { defineContract, query } from "@hanok/contract"
import type { Logger } from "@hanok/contract"
import { expect, onTestFinished, test, vi } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import type { Address } from "../discovery/address.ts"
import { createLog, loggerFor } from "../log.ts"
import { now } from "../recorder/clock.ts"
import { FrameEncoder } from "./codec.ts"
import { askerOf, callerOf, callOf, echoing, echoTopology, helloFrame, oddPeer, outcome, secret, serve, topologyOf } from "./fixture.ts"
import type { echoContract } from "./fixture.ts"
import { frameKinds } from "./frame.ts"
import { createRemoteSeam } from "./remote-seam.ts"
import { signServiceToken } from "./service-token.ts"
import { contractBookOf } from "./topology-book.ts"

const hello = { text: "hello" }
const echoed = z.object({ text: z.string() })
/** A topology whose `echo` takes that. For topologies of tests only the name counts. */
const versionOf = (input: z.ZodType) =>
  topologyOf(defineContract("echo", { echo: query({ input, output: echoed }) }) as unknown as typeof echoContract)
const unfitting = versionOf(z.object({ text: z.string(), author: z.string() }))
const identity = { name: "shop", modules: ["order"], uses: [] }
const log = loggerFor(createLog({ service: "test", instance: "test", level: "silent" }), {})

/** A caller of replicas, whose log and tokens the test has. */
function watchedCaller(addresses: readonly Address[], more: { readonly log?: Logger; token?(): Promise<string> }) {
  const seam = createRemoteSeam({
    service: "echo",
    caller: "shop",
    services: ["echo"],
    addresses: createAddressBook({ echo: addresses }).addressesOf("echo"),
    book: contractBookOf(echoTopology),
    log,
    token: () => signServiceToken({ secret, identity }),
    ...more,
  })
  onTestFinished(() => seam.close({ graceMs: 0 }))
  return seam
}

test("the end of a connection that took no more calls is nothing to the one that took its place", async () => {
  const end = Promise.withResolvers<unknown>()
  const old = await serve({ send: () => ({ reply: end.promise, cancel: () => undefined }) })
  const seam = callerOf([old])
  const underWay = outcome(seam.send(callOf(hello)))
  await expect.poll(() => old.gate.load.inFlight).toBe(1)
  const closed = old.close({ graceMs: 10_000 })
  await expect.poll(() => seam.ready).toBe(0)
  await serve(echoing, undefined, { port: old.address.port })
  await expect.poll(() => seam.ready).toBe(1)
  end.resolve(hello)
  expect(await underWay).toEqual(hello)
  await closed
  await sleep(20)
  expect(seam.ready).toBe(1)
})

test.each([
  ["whose clock is ten minutes behind", { secret, validForSeconds: 60 - 600 }, /its token expired \d{3} s ago by the clock here/],
  ["which has another secret", { secret: "another secret of this test" }, /signature verification failed/],
])("a service %s is told why it is not let in, in its own log", async (_, signing, why) => {
  const server = await serve(echoing)
  const info = vi.fn<Logger["info"]>()
  watchedCaller([server.address], { log: { ...log, info }, token: () => signServiceToken({ identity, ...signing }) })
  await expect.poll(() => info.mock.calls.length).toBe(1)
  expect(info.mock.calls[0]).toMatchObject(["no connection", { callee: "echo", reason: expect.stringMatching(why) }])
})

test("a line about another service is its caller's own", async () => {
  const { address } = await serve(echoing)
  const lines: string[] = []
  const own = createLog({ service: "shop", instance: "1", destination: { write: (line: string) => void lines.push(line) } })
  const token = () => signServiceToken({ secret: "another secret of this test", identity })
  watchedCaller([address], { log: loggerFor(own, {}), token })
  await expect.poll(() => lines.length).toBe(1)
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ service: "shop", callee: "echo", msg: "no connection" })
})

test("each reason why there is no connection is told once, also one that is not the first", async () => {
  const gone = await serve(echoing)
  await gone.close({ graceMs: 0 })
  const told: unknown[] = []
  let tries = 0
  const token = () => ((tries += 1), signServiceToken({ secret, identity, validForSeconds: -600 - tries }))
  watchedCaller([gone.address], { log: { ...log, info: (_, fields) => void told.push(fields?.["reason"]) }, token })
  await expect.poll(() => told).toEqual([expect.stringContaining("ECONNREFUSED")])
  await serve(echoing, undefined, { port: gone.address.port })
  const reasons = [expect.stringContaining("ECONNREFUSED"), expect.stringContaining("its token expired")]
  await expect.poll(() => told).toEqual(reasons)
  const before = tries
  await expect.poll(() => tries).toBeGreaterThan(before + 2)
  expect(told).toEqual(reasons)
})

test("a host whose name is looked up for longer than a connection may take is connected to once it is found", async () => {
  // A test cannot choose the machine's own name server.
  const find = dns.lookup
  const slowly = (_name: string, options: LookupOptions, done: Parameters<LookupFunction>[2]) =>
    setTimeout(() => find("127.0.0.1", options, done), 3_000)
  vi.spyOn(dns, "lookup").mockImplementation(slowly as never)
  onTestFinished(() => void vi.restoreAllMocks())
  const { address } = await serve(echoing)
  const seam = watchedCaller([{ host: "echo.test", port: address.port }], {})
  await expect.poll(() => seam.ready).toBe(1)
})

test("who says goodbye before hello gets no calls, nor does the next connection before its own hello", async () => {
  const goAway = new FrameEncoder().encode(frameKinds.goAway, null)
  const peer = await oddPeer((socket, turn) => {
    if (turn === 1) socket.write(Buffer.concat([goAway, helloFrame()]))
  })
  const seam = callerOf([], { book: createAddressBook({ echo: [peer.address] }) })
  await expect.poll(() => peer.sockets.length).toBe(2)
  await sleep(50)
  expect(seam.replicas[0]?.connection).toBeUndefined()
  peer.sockets[1]?.write(helloFrame())
  await expect.poll(() => seam.ready).toBe(1)
})

test("what is known of a replica ends when it is started anew: its contracts, and how it fared", async () => {
  const unfit = await serve(echoing, unfitting)
  const seam = callerOf([unfit])
  const ask = () => outcome(seam.send(callOf(hello)))
  expect(await ask()).toMatchObject({ code: "INCOMPATIBLE_CONTRACT" })
  const health = seam.replicas[0]?.health
  health?.answered(now(), 500)
  health?.eject(now())
  health?.answered(now(), 500)
  await unfit.close({ graceMs: 0 })
  await expect.poll(() => seam.ready).toBe(0)
  await serve(echoing, versionOf(z.object({ text: z.string(), author: z.string().optional() })), { port: unfit.address.port })
  await expect.poll(() => seam.ready).toBe(1)
  expect(await ask()).toEqual(hello)
  const nowMs = now()
  expect(health?.isEjected(nowMs)).toBe(false)
  expect(health?.warmth(nowMs)).toBeLessThan(1)
  expect(health?.latency.current(nowMs)).toBeLessThan(500)
})

/** To it ten calls will have had no answer in a minute, so that its breaker is open until then. */
async function cutOff() {
  const hanging = await serve({ send: () => ({ reply: new Promise(() => undefined), cancel: () => undefined }) })
  const book = createAddressBook({ echo: [hanging.address] })
  const seam = callerOf([], { book })
  const ask = askerOf(seam, query({ input: echoed, output: echoed, retries: 0 }))
  await expect.poll(() => seam.ready).toBe(1)
  const breaker = seam.attempts.stateOf("order", "echo").breakerOf(`127.0.0.1:${hanging.address.port}`)
  for (let call = 0; call < 10; call++) breaker.failed(now() + 60_000, "closed")
  expect((await ask(hello))[1].attributes).toMatchObject({ "hanok.breaker": "open" })
  return { hanging, book, seam, ask }
}

test("a breaker that is open for what was there before lets calls pass to what is started in its place", async () => {
  const { hanging, seam, ask } = await cutOff()
  await hanging.close({ graceMs: 0 })
  await expect.poll(() => seam.ready, { interval: 5 }).toBe(0)
  await serve(echoing, undefined, { port: hanging.address.port })
  await expect.poll(() => seam.ready, { interval: 5 }).toBe(1)
  expect((await ask(hello))[0]).toEqual(hello)
})

test("nothing is remembered of replicas that are known no more", async () => {
  const { book, seam, ask } = await cutOff()
  const other = await serve(echoing)
  book.update({ echo: [other.address] })
  expect((await ask(hello))[0]).toEqual(hello)
  const known = seam.states.flatMap(({ breakers }) => Array.from(breakers.keys()))
  expect(known).toEqual([`127.0.0.1:${other.address.port}`])
})

test("a replica whose contract does not fit is told of in the log, once, also while others fit", async () => {
  const [fitting, unfit] = [await serve(echoing), await serve(echoing, unfitting)]
  const told: unknown[] = []
  const noting = { ...log, error: (...line: unknown[]) => void told.push(line) }
  const seam = watchedCaller([fitting.address, unfit.address], { log: noting })
  await expect.poll(() => seam.ready).toBe(2)
  for (const _ of [1, 2, 3]) expect(await outcome(seam.send(callOf(hello)))).toEqual(hello)
  const why = {
    callee: "echo",
    replica: `127.0.0.1:${unfit.address.port}`,
    reason: expect.stringContaining("echo, input/author: it is required"),
  }
  expect(told).toEqual([["a replica's contract does not fit; it gets no calls", why]])
})

test("a replica that is well for a while is told of, and is sought again at once when it is lost", async () => {
  // Without jitter.
  vi.spyOn(Math, "random").mockReturnValue(1)
  onTestFinished(() => void vi.restoreAllMocks())
  const told: string[] = []
  const noting = { ...log, info: (message: string) => void told.push(message) }
  const peer = await oddPeer((socket, turn) => {
    if (turn <= 5) socket.end(helloFrame())
    else socket.write(helloFrame())
  })
  watchedCaller([peer.address], { log: noting })
  await expect.poll(() => peer.sockets.length).toBe(6)
  expect(told).toEqual(["no connection"])
  await expect.poll(() => told).toEqual(["no connection", "connected"])
  peer.sockets[5]?.destroy()
  await expect.poll(() => peer.sockets.length).toBe(7)
  expect(told).toEqual(["no connection", "connected", "no connection"])
})

test("a caller that closes while it gets its token connects to nobody", async () => {
  const peer = await oddPeer((socket) => void socket.write(helloFrame()))
  const token = Promise.withResolvers<string>()
  const seam = watchedCaller([peer.address], { token: () => token.promise })
  await seam.close({ graceMs: 0 })
  token.resolve("whatever it is")
  await sleep(200)
  expect(peer.sockets).toHaveLength(0)
})

test("of two replicas the one that has been silent since it was asked gets fewer calls", async () => {
  let asked = 0
  const mute = await serve({ send: () => ((asked += 1), { reply: new Promise(() => undefined), cancel: () => undefined }) })
  const seam = callerOf([mute, await serve(echoing)])
  await expect.poll(() => seam.ready).toBe(2)
  const waiting: Promise<unknown>[] = []
  await expect.poll(() => (waiting.push(outcome(seam.send(callOf(hello)))), asked), { interval: 1 }).toBeGreaterThan(0)
  await sleep(200)
  const silentMs = Math.max(...seam.replicas.map((replica) => replica.silentMs))
  expect(silentMs).toBeGreaterThan(100)
  const before = asked
  for (let call = 0; call < 100; call++) expect(await outcome(seam.send(callOf(hello)))).toEqual(hello)
  expect(asked).toBe(before)
  await seam.close({ graceMs: 0 })
  await Promise.all(waiting)
})

test("where one replica does not fit and the other one's breaker is open, it is the breaker that is told of", async () => {
  const { hanging, book, seam, ask } = await cutOff()
  const unfit = await serve(echoing, unfitting)
  book.update({ echo: [hanging.address, unfit.address] })
  await expect.poll(() => seam.ready, { interval: 5 }).toBe(2)
  expect((await ask(hello))[0]).toMatchObject({ code: "UNAVAILABLE" })
  book.update({ echo: [unfit.address] })
  expect((await ask(hello))[0]).toMatchObject({ code: "INCOMPATIBLE_CONTRACT" })
})

test("beside a replica that does not fit, a call waits for one that does and is just started anew, and is told what does not fit when it stays away", async () => {
  const [unfit, fit] = [await serve(echoing, unfitting), await serve(echoing)]
  const seam = callerOf([unfit, fit])
  const ask = () => outcome(seam.send(callOf(hello)))
  await expect.poll(() => seam.ready).toBe(2)
  await fit.close({ graceMs: 0 })
  await expect.poll(() => seam.ready, { interval: 5 }).toBe(1)
  const waiting = ask()
  const again = await serve(echoing, undefined, { port: fit.address.port })
  expect(await waiting).toEqual(hello)
  await again.close({ graceMs: 0 })
  await expect.poll(() => seam.ready, { interval: 5 }).toBe(1)
  expect(await ask()).toMatchObject({ code: "INCOMPATIBLE_CONTRACT" })
})
