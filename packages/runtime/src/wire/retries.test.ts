import { command, Fault, query } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { addressText } from "../discovery/address.ts"
import { createAddressBook } from "../discovery/address-book.ts"
import { now } from "../recorder/clock.ts"
import type { PendingReply, Seam, SeamCall } from "../seam/seam.ts"
import { askerOf, callerOf, echoing, serve } from "./fixture.ts"
import type { RemoteSeam } from "./remote-seam.ts"

const text = { input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) }
const hello = { text: "hello" }

const failing = (fault: Fault): PendingReply => ({ reply: Promise.reject(fault), cancel: () => undefined })
const hanging = (onCancel: () => void = () => undefined): PendingReply => ({ reply: new Promise(() => undefined), cancel: onCancel })

/** Fails the first calls with these faults, and answers the others. `calls` are those that came. */
function failingFirst(...faults: readonly Fault[]): { readonly seam: Seam; readonly calls: SeamCall[] } {
  const calls: SeamCall[] = []
  const seam: Seam = {
    send(call) {
      const fault = faults[calls.length]
      calls.push(call)
      return fault ? failing(fault) : echoing.send(call)
    },
  }
  return { seam, calls }
}

const unavailable = new Fault("UNAVAILABLE", "The printer is out of paper.")

async function readyWith(count: number, seam: RemoteSeam): Promise<RemoteSeam> {
  await expect.poll(() => seam.ready).toBe(count)
  return seam
}

test("a query is repeated until it succeeds, and its span says how often it was tried", async () => {
  const { seam, calls } = failingFirst(unavailable, unavailable)
  const ask = askerOf(callerOf([await serve(seam)]), query(text))
  const [result, span] = await ask(hello)
  expect(result).toEqual(hello)
  expect(calls).toHaveLength(3)
  expect(span.attributes).toMatchObject({ "hanok.attempts": 3, "hanok.replica": expect.stringContaining("127.0.0.1:") })
})

test("what the attempts before the last one failed with, where and when, is told with the call's span", async () => {
  const { seam } = failingFirst(unavailable, new Fault("OVERLOADED", "There is a queue."), unavailable)
  const server = await serve(seam)
  const begunMs = now()
  const [result, { events, error }] = await askerOf(callerOf([server]), query({ ...text, retries: 2 }))(hello)
  const failed = (type: string, message: string) => ({
    name: "hanok.attempt_failed",
    timeMs: expect.any(Number),
    attributes: { "error.type": type, "error.message": message, "hanok.replica": `127.0.0.1:${server.address.port}` },
  })
  expect([result, error]).toMatchObject([{ code: "UNAVAILABLE" }, { code: "UNAVAILABLE" }])
  expect(events).toEqual([failed("UNAVAILABLE", "The printer is out of paper."), failed("OVERLOADED", "There is a queue.")])
  const times = [begunMs, ...(events ?? []).map(({ timeMs }) => timeMs), now()]
  expect(times).toEqual(times.toSorted((a, b) => a - b))
})

test("a call that succeeds at once has nothing to tell", async () => {
  const ask = askerOf(await readyWith(1, callerOf([await serve(echoing)])), query(text))
  expect(await ask(hello)).toEqual([hello, { attributes: {}, error: undefined }])
})

test("calls earn what may be repeated later, a tenth of them", async () => {
  const seam = callerOf([await serve(echoing)])
  const ask = askerOf(seam, query(text))
  for (let call = 0; call < 30; call++) await ask(hello)
  expect(seam.states.map(({ budget }) => budget.left(now()))).toEqual([13])
})

test("a command is repeated only with an idempotency key, under which each attempt arrives", async () => {
  const { seam, calls } = failingFirst(unavailable, unavailable)
  const ask = askerOf(callerOf([await serve(seam)]), command(text))
  expect(await ask(hello)).toMatchObject([{ code: "UNAVAILABLE" }, {}])
  expect(await ask(hello, { idempotencyKey: "key 1" })).toMatchObject([hello, {}])
  expect(calls.map(({ idempotencyKey }) => idempotencyKey)).toEqual([undefined, "key 1", "key 1"])
})

test("what another attempt cannot mend is not repeated, nor is what declares no retries", async () => {
  const { seam, calls } = failingFirst(new Fault("INTERNAL", "echo.echo failed."), new Fault("FORBIDDEN", "No."), unavailable)
  const caller = callerOf([await serve(seam)])
  const ask = askerOf(caller, query(text))
  expect([(await ask(hello))[0], (await ask(hello))[0]]).toMatchObject([{ code: "INTERNAL" }, { code: "FORBIDDEN" }])
  expect((await askerOf(caller, query({ ...text, retries: 0 }))(hello))[0]).toMatchObject({ code: "UNAVAILABLE" })
  expect(calls).toHaveLength(3)
})

test("an overloaded replica is asked again only after the time it names, so not at all when the deadline is before", async () => {
  const { seam, calls } = failingFirst(new Fault("OVERLOADED", "Too much.", { retryAfterMs: 60_000 }))
  const [result, span] = await askerOf(callerOf([await serve(seam)]), query(text))(hello)
  expect(result).toMatchObject({ code: "OVERLOADED", retryAfterMs: 60_000 })
  expect(span.attributes).toMatchObject({ "hanok.shed": true })
  expect(calls).toHaveLength(1)
})

test("another replica is asked at once when one is overloaded", async () => {
  const busy = { send: () => failing(new Fault("OVERLOADED", "Too much.", { retryAfterMs: 60_000 })) }
  const seam = await readyWith(2, callerOf([await serve(busy), await serve(echoing)]))
  const ask = askerOf(seam, query(text))
  for (let call = 0; call < 20; call++) expect((await ask(hello))[0]).toEqual(hello)
})

test("calls in flight to a replica that dies are answered by another", async () => {
  const begun = Promise.withResolvers<void>()
  const dying = await serve({ send: () => (begun.resolve(), hanging()) })
  const other = await serve(echoing)
  const book = createAddressBook({ echo: [dying.address] })
  const seam = callerOf([], { book })
  const waiting = askerOf(seam, query(text))(hello)
  await begun.promise
  book.update({ echo: [dying.address, other.address] })
  await readyWith(2, seam)
  await dying.close({ graceMs: 0 })
  expect((await waiting)[0]).toEqual(hello)
})

test("when everything fails, retries add no more than a tenth to the load, beyond a few", async () => {
  let calls = 0
  const seam = callerOf([await serve({ send: () => ((calls += 1), failing(unavailable)) })])
  const ask = askerOf(seam, query(text))
  const begunMs = now()
  for (let round = 0; round < 20; round++) await Promise.all(Array.from({ length: 20 }, () => ask(hello)))
  expect(calls).toBeGreaterThan(400)
  // Of the few one comes back each second.
  expect(calls).toBeLessThanOrEqual(400 + 40 + 10 + (now() - begunMs) / 1_000)
  expect(seam.states[0]).toMatchObject({ calls: 400, retries: calls - 400 })
})

test("a repetition that the budget does not allow is told of, and failures are counted by their codes", async () => {
  const seam = callerOf([await serve({ send: () => failing(unavailable) })])
  const ask = askerOf(seam, query(text))
  const asked = await Promise.all(Array.from({ length: 40 }, () => ask(hello)))
  expect(seam.states[0]?.overBudget).toBeGreaterThan(0)
  expect(asked.filter(([, { attributes }]) => attributes["hanok.over_budget"] === true)).toHaveLength(seam.states[0]?.overBudget ?? 0)
  expect(Object.fromEntries(seam.states[0]?.failures ?? [])).toEqual({ UNAVAILABLE: 40 })
})

test("a deadline ends all attempts and cancels the one under way", async () => {
  const cancelled = Promise.withResolvers<void>()
  // A call that its deadline meets before it is sent has nothing to cancel.
  const seam = await readyWith(1, callerOf([await serve({ send: () => hanging(cancelled.resolve) })]))
  const ask = askerOf(seam, query(text))
  expect((await ask(hello, { timeoutMs: 300 }))[0]).toMatchObject({ code: "DEADLINE_EXCEEDED" })
  await cancelled.promise
})

test("when half of the calls are not answered in time the breaker opens, and calls fail at once", async () => {
  let calls = 0
  // Calls that end before there is a connection say nothing about the callee.
  const seam = await readyWith(1, callerOf([await serve({ send: () => ((calls += 1), hanging()) })]))
  const ask = askerOf(seam, query(text))
  // Deadlines that a busy machine notices late do not count.
  do await Promise.all(Array.from({ length: 10 }, () => ask(hello, { timeoutMs: 30 })))
  while ([...(seam.states[0]?.breakers.values() ?? [])].every((breaker) => breaker.state(now()) === "closed"))
  const before = calls
  const [result, span] = await ask(hello)
  expect(result).toMatchObject({ code: "UNAVAILABLE", message: expect.stringContaining("have failed lately") })
  expect(span.attributes).toMatchObject({ "hanok.breaker": "open" })
  expect(calls).toBe(before)
  expect(seam.states[0]?.stoppedByBreaker).toBe(1)
})

test("the breaker closes when a call that tries succeeds", async () => {
  const state = { isWell: false }
  const seam = await readyWith(1, callerOf([await serve({ send: (call) => (state.isWell ? echoing.send(call) : hanging()) })]))
  const ask = askerOf(seam, query(text))
  await Promise.all(Array.from({ length: 10 }, () => ask(hello, { timeoutMs: 30 })))
  state.isWell = true
  await expect.poll(async () => (await ask(hello))[0]).toEqual(hello)
  expect((await ask(hello))[0]).toEqual(hello)
})

test("a slow query is asked of another replica too, the first answer counts, and the other call is cancelled", async () => {
  const cancelled = Promise.withResolvers<void>()
  let calls = 0
  const firstHangs: Seam = { send: (call) => ((calls += 1) === 1 ? hanging(cancelled.resolve) : echoing.send(call)) }
  const seam = await readyWith(2, callerOf([await serve(firstHangs), await serve(firstHangs)]))
  const asked = askerOf(seam, query({ ...text, hedgeAfterMs: 50 }))(hello)
  const [result, span] = await asked
  expect(result).toEqual(hello)
  expect(span.attributes).toMatchObject({ "hanok.hedged": "won", "hanok.attempts": 2 })
  await cancelled.promise
  expect(seam.states[0]).toMatchObject({ hedges: 1, hedgesWon: 1 })
})

test("a slow query that does not ask for hedging is asked once", async () => {
  let calls = 0
  const later = (call: SeamCall): PendingReply => ({
    reply: new Promise((resolve) => setTimeout(() => resolve(call.input), 100)),
    cancel: () => undefined,
  })
  const servers = await Promise.all([1, 2].map(() => serve({ send: (call) => ((calls += 1), later(call)) })))
  const seam = await readyWith(2, callerOf(servers))
  expect((await askerOf(seam, query(text))(hello))[0]).toEqual(hello)
  expect(calls).toBe(1)
})

test("equal keys go to the same replica, different ones to all, and to others when theirs is gone", async () => {
  const seen = [0, 1, 2].map(() => new Set<string>())
  const servers = await Promise.all(
    seen.map((texts) => serve({ send: (call) => (texts.add((call.input as typeof hello).text), echoing.send(call)) })),
  )
  const book = createAddressBook({ echo: servers.map((server) => server.address) })
  const seam = await readyWith(3, callerOf([], { book }))
  const ask = askerOf(seam, query({ ...text, affinity: "text" }))
  const askAll = async () => {
    for (let customer = 0; customer < 60; customer++) await ask({ text: `customer ${customer % 30}` })
  }
  await askAll()
  expect(seen.reduce((sum, texts) => sum + texts.size, 0)).toBe(30)
  expect(seen.every((texts) => texts.size > 0)).toBe(true)
  const [, ...left] = seen.map((texts) => new Set(texts))
  book.update({ echo: servers.slice(1).map((server) => server.address) })
  await askAll()
  left.forEach((before, index) => expect([...(seen[index + 1] ?? [])]).toEqual(expect.arrayContaining([...before])))
  expect((seen[1]?.size ?? 0) + (seen[2]?.size ?? 0)).toBe(30)
})

test("the span of a call that goes where its key has it go says where that was", async () => {
  const seen = [0, 1].map(() => new Set<string>())
  const servers = await Promise.all(
    seen.map((texts) => serve({ send: (call) => (texts.add((call.input as typeof hello).text), echoing.send(call)) })),
  )
  const seam = await readyWith(2, callerOf(servers))
  const ask = askerOf(seam, query({ ...text, affinity: "text" }))
  for (let customer = 0; customer < 10; customer++) {
    const [, { attributes }] = await ask({ text: `customer ${customer}` })
    const home = servers[seen.findIndex((texts) => texts.has(`customer ${customer}`))]
    expect(attributes).toEqual({ "hanok.replica": addressText(home?.address ?? expect.fail()) })
  }
})

test("a key that is no text has its replica too, and one that cannot be sent is refused for that", async () => {
  const seen = [0, 1, 2].map(() => new Set<string>())
  const servers = await Promise.all(
    seen.map((keys) => serve({ send: (call) => (keys.add(JSON.stringify(call.input)), echoing.send(call)) })),
  )
  const seam = await readyWith(3, callerOf(servers))
  const place = z.object({ toString: z.unknown() })
  const ask = askerOf(seam, query({ input: z.object({ at: place }), output: z.unknown(), affinity: "at" }))
  for (let call = 0; call < 60; call++) {
    const input = { at: { toString: call % 30 } }
    expect((await ask(input))[0]).toEqual(input)
  }
  expect(seen.reduce((sum, keys) => sum + keys.size, 0)).toBe(30)
  expect(seen.every((keys) => keys.size > 0)).toBe(true)
  expect(await ask({ at: { toString: 1n } })).toMatchObject([{ code: "INVALID_INPUT" }, { error: { code: "INVALID_INPUT" } }])
})
