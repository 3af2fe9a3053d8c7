import { Fault, query } from "@hanok/contract"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { z } from "zod"
import { CallContext } from "../context/call-context.ts"
import { nobodysRequest } from "../context/request-traits.ts"
import { Scope } from "../context/scope.ts"
import { createLog } from "../log.ts"
import { now } from "../recorder/clock.ts"
import { newRootSpanIds, SpanTemplate } from "../recorder/index.ts"
import { recording } from "../recorder/recording.fixture.ts"
import { SeamState } from "../resilience/seam-state.ts"
import type { Attempt, Attempts, Receiver } from "./attempt.ts"
import { createOutgoing } from "./outgoing.ts"
import { createRemoteTarget, sendRemote } from "./remote-call.ts"

const log = createLog({ service: "test", instance: "test", level: "silent" })
const operation = query({ input: z.object({}), output: z.object({}), hedgeAfterMs: 20 })
const away = new Fault("UNAVAILABLE", "The printer is out of paper.")

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }))
afterEach(() => void vi.useRealTimers())

/** A call to two replicas: `answer` is asked for each attempt, a moment after it has begun. */
function call(answer: (receiver: Receiver, attempt: Attempt) => void, timeoutMs = Number.POSITIVE_INFINITY) {
  const state = new SeamState("order", "echo", 0)
  let begun = 0
  const attempts: Attempts = {
    stateOf: () => state,
    hasOther: () => true,
    begin(_call, _state, _preference, receiver) {
      begun += 1
      const attempt: Attempt = { replica: `127.0.0.1:${begun}`, breaker: "closed", wasSent: true, cancel: () => undefined }
      queueMicrotask(() => answer(receiver, attempt))
      return attempt
    },
  }
  const seam = { attempts, send: () => expect.fail("Attempts are made one by one.") }
  const outgoing = createOutgoing("echo", "echo", operation)
  const target = createRemoteTarget(seam, "order", { contract: "echo", operation: "echo" }, operation, outgoing)
  const { recorder, spans } = recording()
  const origin = { recorder, log, module: "order", contract: "echo", operation: "echo", template: SpanTemplate.shared("echo.echo") }
  const scope = Scope.lasting(timeoutMs)
  const ids = newRootSpanIds()
  const context = new CallContext(origin, ids, ids, "client", scope, Number.POSITIVE_INFINITY, nobodysRequest, undefined)
  const codeOf = (error: unknown) => (error as Fault).code
  const outcome = sendRemote(target, {}, context).then(() => "done", codeOf)
  return { outcome, scope, state, spans, begun: () => begun }
}

test("a call that was answered is sent to nobody else, and what ends its request later does not count against it", async () => {
  const { outcome, scope, state, begun } = call((receiver, attempt) => receiver.succeeded({}, attempt))
  expect(await outcome).toBe("done")
  await vi.advanceTimersByTimeAsync(1_000)
  scope.cancel()
  expect([begun(), [...state.failures]]).toEqual([1, []])
})

test("a call that ended while it waited for its next attempt is not sent again, and none that was not made is counted", async () => {
  const { outcome, scope, state, spans, begun } = call((receiver, attempt) => receiver.failed(away, attempt))
  await Promise.resolve()
  scope.cancel()
  expect(await outcome).toBe("CANCELLED")
  await vi.advanceTimersByTimeAsync(1_000)
  expect([begun(), state.retries, [...state.failures]]).toEqual([1, 0, [["CANCELLED", 1]]])
  expect(spans[0]?.attributes).not.toHaveProperty("hanok.attempts")
})

test("an attempt that fails when its call has ended does not count once more, and is not repeated", async () => {
  const { outcome, scope, state, begun } = call((receiver, attempt) => receiver.failed(away, attempt))
  scope.cancel()
  expect(await outcome).toBe("CANCELLED")
  await vi.advanceTimersByTimeAsync(1_000)
  expect([begun(), state.retries, [...state.failures]]).toEqual([1, 0, [["CANCELLED", 1]]])
})

test.each(["repeated", "hedged"])(
  "a call whose deadline passed while the processor was busy is not %s when its timer comes late",
  async (how) => {
    const { outcome, scope, state, begun } = call((receiver, attempt) => void (how === "repeated" && receiver.failed(away, attempt)), 100)
    await Promise.resolve()
    while (now() < scope.deadlineAt);
    await vi.advanceTimersByTimeAsync(50)
    expect(await outcome).toBe("DEADLINE_EXCEEDED")
    expect([begun(), [...state.failures]]).toEqual([1, [["DEADLINE_EXCEEDED", 1]]])
  },
)
