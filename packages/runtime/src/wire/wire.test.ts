import { connect } from "node:net"
import { command, defineContract, Fault, isFault, isRefusal, query } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { createAddressBook } from "../discovery/address-book.ts"
import { newRootSpanIds } from "../recorder/index.ts"
import type { Seam, SeamCall } from "../seam/seam.ts"
import { callerOf, callOf, echoContract, echoing, echoTopology, outcome, secret, serve, topologyOf } from "./fixture.ts"
import { signServiceToken } from "./service-token.ts"

test("a call arrives with its identity, key, time and trace, and its reply comes back", async () => {
  const seen: SeamCall[] = []
  const server = await serve({ send: (call) => (seen.push(call), echoing.send(call)) })
  const trace = newRootSpanIds()
  const reply = await callerOf([server]).send(callOf({ text: "안녕", list: [1, null, { deep: true }] }, { trace })).reply
  expect(reply).toEqual({ text: "안녕", list: [1, null, { deep: true }] })
  expect(seen[0]).toMatchObject({ caller: "order", identity: { subject: "customer-7", roles: ["customer"] }, idempotencyKey: "key-1" })
  expect(seen[0]?.trace.spanId).toBe(trace.spanId)
  expect(seen[0]?.remainingMs).toBeLessThanOrEqual(5000)
})

test("many calls at once each get their own reply", async () => {
  const seam = callerOf([await serve(echoing)])
  const texts = Array.from({ length: 500 }, (_, index) => `text ${index} ${"x".repeat(index * 20)}`)
  const replies = await Promise.all(texts.map((text) => seam.send(callOf({ text })).reply))
  expect(replies).toEqual(texts.map((text) => ({ text })))
})

test("refusals and faults arrive by code", async () => {
  const { Refusal } = await import("@hanok/contract")
  const errors = [new Refusal("echo", "echo", "TOO_LOUD", { db: 120 }), new Fault("OVERLOADED", "too much", { retryAfterMs: 250 })]
  const server = await serve({ send: () => ({ reply: Promise.reject(errors.shift()), cancel: () => undefined }) })
  const seam = callerOf([server])
  const refused = await outcome(seam.send(callOf({})))
  expect(isRefusal(refused) && [refused.code, refused.details]).toEqual(["TOO_LOUD", { db: 120 }])
  const faulty = await outcome(seam.send(callOf({})))
  expect(isFault(faulty, "OVERLOADED") && faulty.retryAfterMs).toBe(250)
})

test("an input that cannot be sent fails its own call only", async () => {
  const seam = callerOf([await serve(echoing)])
  await seam.send(callOf({ text: "first" })).reply
  const circle: Record<string, unknown> = { text: "round" }
  circle["self"] = circle
  const [bad, good] = await Promise.all([outcome(seam.send(callOf(circle))), outcome(seam.send(callOf({ text: "good" })))])
  expect(isFault(bad, "INVALID_INPUT")).toBe(true)
  expect(good).toEqual({ text: "good" })
  expect(await seam.send(callOf({ text: "after" })).reply).toEqual({ text: "after" })
})

test("an output that cannot be sent is a fault of its own call only", async () => {
  const circle: Record<string, unknown> = {}
  circle["self"] = circle
  const outputs: unknown[] = [circle, { text: "fine" }]
  const seam = callerOf([await serve({ send: () => ({ reply: Promise.resolve(outputs.shift()), cancel: () => undefined }) })])
  const [bad, good] = await Promise.all([outcome(seam.send(callOf({}))), outcome(seam.send(callOf({})))])
  expect(isFault(bad, "INVALID_OUTPUT")).toBe(true)
  expect(good).toEqual({ text: "fine" })
})

test("what is larger than the wire carries fails its own call only, and many large calls at once are no trouble", async () => {
  const seam = callerOf([await serve(echoing)])
  const texts = [20, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2].map((mebibytes) => "x".repeat(mebibytes * 1024 * 1024))
  const [tooLarge, ...others] = await Promise.all(texts.map((text) => outcome(seam.send(callOf({ text }, { remainingMs: 60_000 })))))
  expect(isFault(tooLarge, "INVALID_INPUT") && tooLarge.message).toContain("cannot be sent: Error: it takes 2097")
  expect(others.map((other) => (isFault(other) ? other : (other as { text: string }).text.length))).toEqual(
    texts.slice(1).map((text) => text.length),
  )
})

test("cancelling a call cancels it at the callee", async () => {
  const cancelled = Promise.withResolvers<string>()
  const begun = Promise.withResolvers<void>()
  const server = await serve({
    send: () => (begun.resolve(), { reply: new Promise(() => undefined), cancel: () => cancelled.resolve("yes") }),
  })
  const pending = callerOf([server]).send(callOf({}))
  await begun.promise
  pending.cancel()
  expect(isFault(await outcome(pending), "CANCELLED")).toBe(true)
  expect(await cancelled.promise).toBe("yes")
})

test("a caller without the secret gets nowhere", async () => {
  const seam = callerOf([await serve(echoing)], { secret: "another secret, equally long" })
  const error = await outcome(seam.send(callOf({}, { remainingMs: 300 })))
  expect(isFault(error, "UNAVAILABLE")).toBe(true)
})

test("a caller has its place at the gate for as long as one of its connections lasts", async () => {
  const server = await serve(echoing)
  const [one, other] = [callerOf([server]), callerOf([server])]
  for (const seam of [one, other, one]) await seam.send(callOf({ text: "x" })).reply
  const [place] = server.gate.compartments
  expect(place).toMatchObject({ name: "order", keepers: 2 })
  await one.close({ graceMs: 0 })
  await expect.poll(() => place?.keepers).toBe(1)
  await other.close({ graceMs: 0 })
  await expect.poll(() => place?.keepers).toBe(0)
})

test("of very many whose calls are passed on none is lost, and those that called long ago are forgotten", async () => {
  const server = await serve(echoing, echoTopology, { contracts: [echoContract] })
  const seam = callerOf([server], { identity: { passesOn: true } })
  const callers = Array.from({ length: 10_500 }, (_, number) => `report ${number}`)
  while (callers.length > 0) {
    const calls = callers.splice(0, 100).map((caller) => outcome(seam.send(callOf({ text: caller }, { caller, passedOn: true }))))
    expect((await Promise.all(calls)).filter((answer) => isFault(answer, "UNAVAILABLE"))).toEqual([])
  }
  expect(seam.states.length).toBeLessThanOrEqual(1_000)
})

test("a service cannot call in the name of a module that it does not host", async () => {
  const error = await outcome(callerOf([await serve(echoing)], { modules: ["gift"] }).send(callOf({})))
  expect(isFault(error, "FORBIDDEN") && error.message).toContain("in the name of order")
})

test("what is under way when the callee dies is UNAVAILABLE, and the next call finds another replica", async () => {
  const begun = Promise.withResolvers<void>()
  const dying = await serve({ send: () => (begun.resolve(), { reply: new Promise(() => undefined), cancel: () => undefined }) })
  const book = createAddressBook({ echo: [dying.address] })
  const seam = callerOf([], { book })
  const lost = outcome(seam.send(callOf({})))
  await begun.promise
  await dying.close({ graceMs: 0 })
  const error = await lost
  expect(isFault(error, "UNAVAILABLE") && error.message).toContain("lost before the reply")
  const other = await serve(echoing)
  book.update({ echo: [other.address] })
  expect(await seam.send(callOf({ text: "again" })).reply).toEqual({ text: "again" })
})

test("a draining callee finishes what it has, while new calls go elsewhere", async () => {
  const finish = Promise.withResolvers<unknown>()
  const begun = Promise.withResolvers<void>()
  const old = await serve({ send: () => (begun.resolve(), { reply: finish.promise, cancel: () => undefined }) })
  const book = createAddressBook({ echo: [old.address] })
  const seam = callerOf([], { book })
  const slow = seam.send(callOf({}))
  await begun.promise
  const closed = old.close({ graceMs: 10_000 })
  const fresh = await serve(echoing)
  book.update({ echo: [fresh.address] })
  expect(await seam.send(callOf({ text: "new" })).reply).toEqual({ text: "new" })
  finish.resolve({ text: "old" })
  expect(await slow.reply).toEqual({ text: "old" })
  await closed
})

test("who cancels a call that has ended already changes nothing, and it is counted once", async () => {
  const fault = new Fault("INTERNAL", "echo.echo failed.")
  const failing: Seam = { send: () => ({ reply: Promise.reject(fault), cancel: () => undefined }) }
  for (const [seam, failures] of [[failing, { INTERNAL: 1 }] as const, [echoing, {}] as const]) {
    const caller = callerOf([await serve(seam)])
    const pending = caller.send(callOf({ text: "hello" }))
    const ended = await outcome(pending)
    pending.cancel()
    pending.cancel()
    expect(await outcome(pending)).toBe(ended)
    expect(caller.states.map((state) => Object.fromEntries(state.failures))).toEqual([failures])
  }
})

test("calls spread over all replicas", async () => {
  const counts = [0, 0, 0]
  const servers = await Promise.all(
    counts.map((_, index) => serve({ send: (call) => ((counts[index] = (counts[index] ?? 0) + 1), echoing.send(call)) })),
  )
  const seam = callerOf(servers)
  await expect.poll(() => seam.ready).toBe(3)
  // One that joined a moment after the others gets its share by and by.
  for (let round = 0; round < 1_000 && counts.some((count) => count <= 100); round++) {
    await Promise.all(Array.from({ length: 10 }, () => seam.send(callOf({ text: "x" })).reply))
  }
  expect(Math.min(...counts)).toBeGreaterThan(100)
})

test("callers and callees whose contracts do not fit refuse to talk, and name operation and field", async () => {
  const next = defineContract("echo", {
    echo: query({ input: z.object({ text: z.string(), language: z.string() }), output: z.object({ text: z.string() }) }),
  })
  const server = await serve(echoing, topologyOf(next as unknown as typeof echoContract))
  const error = await outcome(callerOf([server]).send(callOf({ text: "x" })))
  expect(isFault(error, "INCOMPATIBLE_CONTRACT") && error.message).toContain("echo, input/language: it is required")
})

test("versions that differ but fit talk", async () => {
  const next = defineContract("echo", {
    echo: query({ input: z.object({ text: z.string(), language: z.string().optional() }), output: z.object({ text: z.string() }) }),
    added: command({ input: z.object({}), output: z.object({}) }),
  })
  const server = await serve(echoing, topologyOf(next as unknown as typeof echoContract))
  expect(await callerOf([server]).send(callOf({ text: "x" })).reply).toEqual({ text: "x" })
})

test("any program calls by HTTP and JSON, with a token that names what it may use", async () => {
  const seen: SeamCall[] = []
  const server = await serve({ send: (call) => (seen.push(call), echoing.send(call)) })
  const token = await signServiceToken({ secret, identity: { name: "report", modules: [], uses: ["echo"] } })
  const url = `http://127.0.0.1:${server.address.port}/rpc/echo/echo`
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "hanok-subject": "customer-9" }
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ text: "from afar" }) })
  expect([response.status, await response.json()]).toEqual([200, { text: "from afar" }])
  expect(seen[0]).toMatchObject({ caller: "report", uses: ["echo"], identity: { subject: "customer-9" } })
  const anonymous = await fetch(url, { method: "POST", body: "{}" })
  expect([anonymous.status, anonymous.headers.get("content-type")]).toEqual([401, "application/problem+json"])
  const broken = await fetch(url, { method: "POST", headers, body: "{" })
  expect([broken.status, await broken.json()]).toMatchObject([400, { code: "MALFORMED_JSON" }])
})

test("a peer that sends garbage is cut off, and nobody else notices", async () => {
  const server = await serve(echoing)
  const seam = callerOf([server])
  const token = await signServiceToken({ secret, identity: { name: "shop", modules: ["order"], uses: [] } })
  const closed = Promise.withResolvers<void>()
  const socket = connect(server.address.port, "127.0.0.1")
  socket.on("close", () => closed.resolve())
  socket.on("data", () => socket.write(Buffer.from([0, 0, 0, 9, 2, 0xde, 0xad, 0xbe, 0xef, 1, 2, 3, 4])))
  socket.write(`GET /hanok HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: hanok/1\r\nauthorization: Bearer ${token}\r\n\r\n`)
  await closed.promise
  expect(await seam.send(callOf({ text: "still here" })).reply).toEqual({ text: "still here" })
})

test("a peer that calls for somebody who cannot be is cut off, takes no place at the gate, and nobody else notices", async () => {
  const server = await serve(echoing)
  const others = callerOf([server])
  // What the types allow no module, other programs can send.
  const impossible = [
    { identity: { subject: "kim", roles: 7 } },
    { identity: { subject: 7, roles: [] } },
    { idempotencyKey: {} },
  ] as object[]
  for (const more of impossible) {
    const told = await outcome(callerOf([server]).send(callOf({ text: "hello" }, more)))
    expect(isFault(told, "UNAVAILABLE") && told.message).toMatch(/connection/)
  }
  expect(await others.send(callOf({ text: "still here" })).reply).toEqual({ text: "still here" })
  expect(server.gate.load).toMatchObject({ inFlight: 0, queued: 0 })
})
