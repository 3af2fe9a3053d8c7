import { Fault, isFault, query, Refusal } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { now } from "../recorder/clock.ts"
import { chooseByKey } from "../resilience/balance.ts"
import { hashOf } from "../resilience/rendezvous.ts"
import type { PendingReply, Seam } from "../seam/seam.ts"
import { askerOf, callerOf, echoing, serve } from "./fixture.ts"
import type { RemoteSeam } from "./remote-seam.ts"

const text = { input: z.object({ text: z.string() }), output: z.object({ text: z.string() }) }
const hello = { text: "hello" }

const hanging = (): PendingReply => ({ reply: new Promise(() => undefined), cancel: () => undefined })

async function ready(count: number, seam: RemoteSeam): Promise<RemoteSeam> {
  await expect.poll(() => seam.ready).toBe(count)
  return seam
}

test("a refusal is an answer: nobody waits for the other replica after it", async () => {
  let calls = 0
  const refusal = new Refusal("echo", "echo", "TOO_LOUD", {})
  const hedged = Promise.withResolvers<void>()
  const firstRefuses: Seam = { send: () => ((calls += 1) === 1 ? failing(refusal, hedged.promise) : (hedged.resolve(), hanging())) }
  const seam = await ready(2, callerOf([await serve(firstRefuses), await serve(firstRefuses)]))
  const [result] = await askerOf(seam, query({ ...text, hedgeAfterMs: 20 }))(hello)
  expect(result).toMatchObject({ code: "TOO_LOUD" })
  expect(calls).toBe(2)
})

/** A caller of two replicas, of which one may not be called: its breaker is open, and for a minute, however slow the machine is. */
async function besideOpenBreaker(other: Seam): Promise<RemoteSeam> {
  const [open, callable] = [await serve(echoing), await serve(other)]
  const seam = await ready(2, callerOf([open, callable]))
  const breaker = seam.attempts.stateOf("order", "echo").breakerOf(`127.0.0.1:${open.address.port}`)
  for (let call = 0; call < 10; call++) breaker.failed(now() + 60_000, "closed")
  return seam
}

test("an overloaded replica is left alone for as long as it asks when the breaker to the other one is open", async () => {
  let calls = 0
  const busy = new Fault("OVERLOADED", "Too much.", { retryAfterMs: 60_000 })
  const seam = await besideOpenBreaker({ send: () => ((calls += 1), { reply: Promise.reject(busy), cancel: () => undefined }) })
  expect((await askerOf(seam, query(text))(hello))[0]).toMatchObject({ code: "OVERLOADED" })
  expect(calls).toBe(1)
})

test("a slow query is not sent to the same replica twice when the breaker to the other one is open", async () => {
  let calls = 0
  const slow = (): PendingReply => ({ reply: new Promise((resolve) => setTimeout(() => resolve(hello), 100)), cancel: () => undefined })
  const seam = await besideOpenBreaker({ send: () => ((calls += 1), slow()) })
  expect((await askerOf(seam, query({ ...text, hedgeAfterMs: 20 }))(hello))[0]).toEqual(hello)
  expect(calls).toBe(1)
})

test("a hedge whose answer counts has won, also when the first attempt had failed before", async () => {
  let calls = 0
  const fault = new Fault("INTERNAL", "echo.echo failed.")
  const hedged = Promise.withResolvers<void>()
  const failing = (): PendingReply => ({ reply: hedged.promise.then(() => Promise.reject(fault)), cancel: () => undefined })
  const answering = (): PendingReply => {
    hedged.resolve()
    return { reply: new Promise((resolve) => setTimeout(() => resolve(hello), 200)), cancel: () => undefined }
  }
  const firstFails: Seam = { send: () => ((calls += 1) === 1 ? failing() : answering()) }
  const seam = await ready(2, callerOf([await serve(firstFails), await serve(firstFails)]))
  const [result, span] = await askerOf(seam, query({ ...text, hedgeAfterMs: 20 }))(hello)
  expect(result).toEqual(hello)
  expect(span.attributes).toMatchObject({ "hanok.hedged": "won", "hanok.attempts": 2 })
  expect(seam.states[0]).toMatchObject({ hedges: 1, hedgesWon: 1 })
})

/** Two replicas that do the first call and the second as they are told, whichever of them gets it. */
async function inTurn(...ways: readonly (() => PendingReply)[]): Promise<{ readonly seam: RemoteSeam; readonly calls: () => number }> {
  let calls = 0
  const either: Seam = { send: () => (ways[calls++] ?? hanging)() }
  return { seam: await ready(2, callerOf([await serve(either), await serve(either)])), calls: () => calls }
}

function failing(fault: Error, after?: Promise<void>): PendingReply {
  const fail = async (): Promise<never> => {
    await after
    throw fault
  }
  return { reply: fail(), cancel: () => undefined }
}

test("when both of two attempts have failed, the call has", async () => {
  const [first, second] = [Promise.withResolvers<void>(), new Fault("FORBIDDEN", "The second may not.")]
  const { seam } = await inTurn(
    () => failing(new Fault("INTERNAL", "echo.echo failed."), first.promise),
    () => (first.resolve(), failing(second, new Promise((resolve) => setTimeout(resolve, 50)))),
  )
  const [result, span] = await askerOf(seam, query({ ...text, hedgeAfterMs: 20 }))(hello)
  expect(isFault(result) && ["FORBIDDEN", "INTERNAL"].includes(result.code)).toBe(true)
  expect(span.attributes).toMatchObject({ "hanok.hedged": "lost", "hanok.attempts": 2 })
})

test("an attempt that fails before there is a second is repeated, and that is all", async () => {
  const later = (): PendingReply => ({ reply: new Promise((resolve) => setTimeout(() => resolve(hello), 400)), cancel: () => undefined })
  const { seam, calls } = await inTurn(() => failing(new Fault("UNAVAILABLE", "The printer is out of paper.")), later)
  expect((await askerOf(seam, query({ ...text, hedgeAfterMs: 200 }))(hello))[0]).toEqual(hello)
  expect(calls()).toBe(2)
})

test("a replica that hangs, and in whose place another one always answers, is left out before there are more calls than hedges", async () => {
  const [hangs, answers] = [await serve({ send: hanging }), await serve(echoing)]
  const seam = await ready(2, callerOf([hangs, answers]))
  const sick = seam.replicas.find(({ name }) => name.endsWith(`:${hangs.address.port}`))
  const ask = askerOf(seam, query({ ...text, hedgeAfterMs: 500, affinity: "text" }))
  const keys = Array.from({ length: 200 }, (_, key) => `key-${key}`)
  const [its, others] = [true, false].map((isIts) => keys.filter((key) => (chooseByKey(seam.replicas, hashOf(key)) === sick) === isIts))
  const askAll = async (of: readonly string[] = []) => Promise.all(of.map(async (key) => (await ask({ text: key }))[1].attributes))
  await askAll(others?.slice(0, 20))
  const first = await askAll(its?.slice(0, 10))
  expect(first.map((attributes) => attributes["hanok.hedged"])).toEqual(first.map(() => "won"))
  const isOut = async () => (await askAll(others?.slice(0, 1)), sick?.health.isEjected(now()))
  await expect.poll(isOut).toBe(true)
})

test("when the time is up both attempts are cancelled, and after a refusal the other one is", async () => {
  const cancelled = [1, 2, 3].map(() => Promise.withResolvers<void>())
  const [first, second, other] = cancelled.map(({ resolve }) => (): PendingReply => ({ ...hanging(), cancel: resolve }))
  if (!first || !second || !other) return expect.fail()
  const ask = async (timeoutMs: number, ...ways: readonly (() => PendingReply)[]) =>
    askerOf((await inTurn(...ways)).seam, query({ ...text, hedgeAfterMs: 20 }))(hello, { timeoutMs })
  expect(await ask(3_000, first, second)).toMatchObject([{ code: "DEADLINE_EXCEEDED" }, { error: { code: "DEADLINE_EXCEEDED" } }])
  const hedged = Promise.withResolvers<void>()
  const refusing = () => failing(new Refusal("echo", "echo", "TOO_LOUD", {}), hedged.promise)
  expect(await ask(10_000, refusing, () => (hedged.resolve(), other()))).toMatchObject([{ code: "TOO_LOUD" }, {}])
  await Promise.all(cancelled.map(({ promise }) => promise))
})
