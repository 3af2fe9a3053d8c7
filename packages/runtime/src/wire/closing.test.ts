import { connect } from "node:net"
import type { Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { isFault } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { createAddressBook } from "../discovery/address-book.ts"
import type { Seam } from "../seam/seam.ts"
import { callerOf, callOf, echoing, outcome, secret, serve } from "./fixture.ts"
import type { SeamServer } from "./seam-server.ts"
import { signServiceToken } from "./service-token.ts"

/** Does not end its side when the other does, and asks to upgrade at once. */
function impolite({ address }: SeamServer, token: string): Socket {
  const socket = connect({ port: address.port, host: "127.0.0.1", allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  socket.on("error", () => undefined)
  socket.write(`GET /hanok HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: hanok/1\r\nauthorization: Bearer ${token}\r\n\r\n`)
  return socket
}

/** Longer than any of these tests may take: what ends meanwhile does not end by that. */
const longMs = 600_000

const soon = (work: Promise<unknown>) => Promise.race([work.then(() => "ended"), sleep(20_000, "still waiting")])

test("a peer that is refused and does not leave holds up nobody who closes", async () => {
  const server = await serve(echoing)
  const socket = impolite(server, "no token")
  await new Promise((resolve) => socket.once("data", resolve))
  expect(await soon(server.close({ graceMs: 50 }))).toBe("ended")
})

test("a caller that connects while the server closes is sent elsewhere, at whatever moment it comes", async () => {
  for (let turns = 0; turns < 40; turns++) {
    const server = await serve(echoing)
    callerOf([server])
    for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
    expect([turns, await soon(server.close({ graceMs: longMs }))]).toEqual([turns, "ended"])
  }
})

/** Never answers, and tells when it was asked. */
function hanging(): { readonly seam: Seam; readonly begun: Promise<void> } {
  const begun = Promise.withResolvers<void>()
  return { seam: { send: () => (begun.resolve(), { reply: new Promise(() => undefined), cancel: () => undefined }) }, begun: begun.promise }
}

test("when a caller closes, calls to replicas that are known no more end with its grace too", async () => {
  const { seam, begun } = hanging()
  const server = await serve(seam)
  const book = createAddressBook({ echo: [server.address] })
  const caller = callerOf([], { book })
  const pending = outcome(caller.send(callOf({})))
  await begun
  book.update({ echo: [] })
  await caller.close({ graceMs: 20 })
  expect(isFault(await pending, "UNAVAILABLE")).toBe(true)
})

test("when a caller closes, calls to replicas that go away end with its grace too", async () => {
  const { seam, begun } = hanging()
  const server = await serve(seam)
  const caller = callerOf([server])
  const pending = outcome(caller.send(callOf({})))
  await begun
  const closed = server.close({ graceMs: longMs })
  await expect.poll(() => caller.ready).toBe(0)
  await caller.close({ graceMs: 20 })
  expect(isFault(await pending, "UNAVAILABLE")).toBe(true)
  await closed
})

test("of replicas that are told of, those known stay as they are, and those known no more are left when they have answered", async () => {
  const end = Promise.withResolvers<string>()
  const [busy, stays, joins] = [
    await serve({ send: () => ({ reply: end.promise, cancel: () => undefined }) }),
    await serve(echoing),
    await serve(echoing),
  ]
  const book = createAddressBook({ echo: [busy.address] })
  const seam = callerOf([], { book })
  const underWay = outcome(seam.send(callOf("hello")))
  await expect.poll(() => busy.gate.load.inFlight).toBe(1)
  book.update({ echo: [busy.address, stays.address] })
  await expect.poll(() => seam.ready).toBe(2)
  const [gone, kept] = seam.replicas
  book.update({ echo: [stays.address, joins.address] })
  expect([seam.ready, seam.replicas.length, seam.replicas[0] === kept, gone?.isOpen]).toEqual([1, 2, true, true])
  for (let call = 0; call < 10; call++) expect(await outcome(seam.send(callOf("hello")))).toBe("hello")
  end.resolve("answered")
  expect(await underWay).toBe("answered")
  await expect.poll(() => gone?.isOpen).toBe(false)
  expect(kept?.isOpen).toBe(true)
})

test("a caller that closes sends nothing new and seeks nobody new, and what is under way is answered", async () => {
  const end = Promise.withResolvers<string>()
  const [busy, other] = [await serve({ send: () => ({ reply: end.promise, cancel: () => undefined }) }), await serve(echoing)]
  const book = createAddressBook({ echo: [busy.address] })
  const seam = callerOf([], { book })
  const underWay = outcome(seam.send(callOf("hello")))
  await expect.poll(() => busy.gate.load.inFlight).toBe(1)
  const closed = seam.close({ graceMs: longMs })
  book.update({ echo: [busy.address, other.address] })
  expect(await outcome(seam.send(callOf("hello")))).toMatchObject({ code: "UNAVAILABLE", message: "This service is stopping." })
  expect(seam.replicas.length).toBe(1)
  end.resolve("answered")
  await closed
  expect(await underWay).toBe("answered")
})

test("when a caller closes, calls that wait for a replica are told so", async () => {
  const caller = callerOf([])
  const pending = outcome(caller.send(callOf({})))
  await caller.close({ graceMs: 20 })
  expect(await pending).toMatchObject({ code: "UNAVAILABLE", message: "This service is stopping; the call was not sent." })
})

test("a service that may take any time to close answers what is under way", async () => {
  const end = Promise.withResolvers<string>()
  const server = await serve({ send: () => ({ reply: end.promise, cancel: () => undefined }) })
  const pending = outcome(callerOf([server]).send(callOf("hello")))
  await expect.poll(() => server.gate.load.inFlight).toBe(1)
  const closed = server.close({ graceMs: Number.POSITIVE_INFINITY })
  await sleep(20)
  end.resolve("answered")
  expect(await pending).toBe("answered")
  await closed
})

test("while it lingers, programs that call by HTTP are answered and told to close, and services call elsewhere at once", async () => {
  const [server, other] = [await serve(echoing), await serve(echoing)]
  const caller = callerOf([server, other])
  await expect.poll(() => caller.ready).toBe(2)
  expect(await askByHttp(server)).toMatchObject({ status: 200 })
  const closing = server.close({ graceMs: longMs, lingerMs: 5_000 })
  await expect.poll(() => caller.ready).toBe(1)
  const answer = await askByHttp(server)
  expect([answer.status, answer.headers.get("connection")]).toEqual([200, "close"])
  await closing
  await expect(askByHttp(server)).rejects.toThrow()
})

test("a service that no program has called by HTTP does not linger when its callers have another replica", async () => {
  const [server, other] = [await serve(echoing), await serve(echoing)]
  const caller = callerOf([server, other])
  await expect.poll(() => caller.ready).toBe(2)
  expect(await soon(server.close({ graceMs: longMs, lingerMs: longMs }))).toBe("ended")
  expect(await outcome(caller.send(callOf("hello")))).toBe("hello")
})

const ways = [
  { where: "at another address", portOf: () => 0 },
  { where: "in its place", portOf: ({ address }: SeamServer) => address.port },
]

test.each(ways)("who knows nobody else yet calls a replica that lingers until another one is there $where", async ({ portOf }) => {
  const server = await serve(echoing)
  const book = createAddressBook({ echo: [server.address] })
  const caller = callerOf([], { book })
  const ask = () => outcome(caller.send(callOf("hello")))
  expect(await ask()).toBe("hello")
  const closing = server.close({ graceMs: longMs, lingerMs: longMs })
  await expect.poll(() => caller.replicas[0]?.isLeaving).toBe(true)
  expect(await ask()).toBe("hello")
  const other = await serve({ send: () => ({ reply: Promise.resolve("from the other"), cancel: () => undefined }) }, undefined, {
    port: portOf(server),
  })
  book.update({ echo: [server.address, other.address] })
  expect(await soon(closing)).toBe("ended")
  expect(await ask()).toBe("from the other")
})

test("a replica that has lingered goes, though its callers know nobody else, and answers what it has been sent before", async () => {
  const end = Promise.withResolvers<string>()
  const server = await serve({ send: () => ({ reply: end.promise, cancel: () => undefined }) })
  const caller = callerOf([server])
  const before = outcome(caller.send(callOf("hello")))
  await expect.poll(() => server.gate.load.inFlight).toBe(1)
  const closing = server.close({ graceMs: longMs, lingerMs: 3_000 })
  await expect.poll(() => caller.replicas[0]?.isLeaving).toBe(true)
  const meanwhile = outcome(caller.send(callOf("hello")))
  await expect.poll(() => server.gate.load.inFlight).toBe(2)
  await expect.poll(() => caller.ready).toBe(0)
  end.resolve("answered")
  expect([await before, await meanwhile, await soon(closing)]).toEqual(["answered", "answered", "ended"])
  expect(isFault(await outcome(caller.send(callOf("hello"))), "UNAVAILABLE")).toBe(true)
})

async function askByHttp({ address }: SeamServer): Promise<Response> {
  const token = await signServiceToken({ secret, identity: { name: "report", modules: [], uses: ["echo"] } })
  return fetch(`http://127.0.0.1:${address.port}/rpc/echo/echo`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: '{"text":"hello"}',
  })
}
