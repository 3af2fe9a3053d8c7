import { Fault, query, Refusal } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { now } from "../recorder/clock.ts"
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
  const later = (): PendingReply => ({ reply: new Promise((_, reject) => setTimeout(() => reject(refusal), 100)), cancel: () => undefined })
  const firstRefuses: Seam = { send: () => ((calls += 1) === 1 ? later() : hanging()) }
  const seam = await ready(2, callerOf([await serve(firstRefuses), await serve(firstRefuses)]))
  const [result] = await askerOf(seam, query({ ...text, hedgeAfterMs: 20 }))(hello, { timeoutMs: 1_000 })
  expect(result).toMatchObject({ code: "TOO_LOUD" })
  expect(calls).toBe(2)
})

/** A caller of two replicas, of which one may not be called: its breaker is open. */
async function besideOpenBreaker(other: Seam): Promise<RemoteSeam> {
  const [open, callable] = [await serve(echoing), await serve(other)]
  const seam = await ready(2, callerOf([open, callable]))
  const breaker = seam.attempts.stateOf("order", "echo").breakerOf(`127.0.0.1:${open.address.port}`)
  for (let call = 0; call < 10; call++) breaker.failed(now(), "closed")
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
