import { Fault } from "@hanok/contract"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import type { Attempt, Receiver } from "../seam/attempt.ts"
import type { SeamCall } from "../seam/seam.ts"
import { callOf } from "./fixture.ts"
import { WaitingAttempt } from "./waiting-attempt.ts"

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }))
afterEach(() => void vi.useRealTimers())

const gone = new Fault("CANCELLED", "Nobody waits.")

/** A call that waits for a replica for two seconds at most. `begun` is what comes of trying to send it. */
function waitingCall(more: Partial<SeamCall> = {}) {
  const waiting = new Set<WaitingAttempt>()
  const heard: unknown[] = []
  const sent: { readonly call: SeamCall; readonly receiver: Receiver }[] = []
  const cancelled: Fault[] = []
  const found: { now: Attempt | Fault | undefined } = { now: undefined }
  const attempt = new WaitingAttempt({
    call: callOf({}, more),
    receiver: { succeeded: (output, by) => heard.push([output, by]), failed: (error, by) => heard.push([error, by]) },
    waiting,
    waitMs: 2_000,
    begin: (call, receiver) => {
      sent.push({ call, receiver })
      return found.now
    },
    unreachable: () => new Fault("UNAVAILABLE", "Nobody is there."),
  })
  const onWire: Attempt = { replica: "10.0.0.1:7000", breaker: "half-open", wasSent: true, cancel: (fault) => cancelled.push(fault) }
  return { attempt, waiting, heard, sent, cancelled, found, onWire }
}

test("it waits for as long as it may, or as its call has time, and then is told once that nobody is there", () => {
  for (const [remainingMs, untilMs] of [[60_000, 2_000] as const, [300, 300] as const]) {
    const { attempt, waiting, heard } = waitingCall({ remainingMs })
    vi.advanceTimersByTime(untilMs - 1)
    expect([heard, waiting.size]).toEqual([[], 1])
    vi.advanceTimersByTime(1)
    expect(heard).toMatchObject([[{ code: "UNAVAILABLE" }, attempt]])
    expect([waiting.size, attempt.wasSent, attempt.replica]).toEqual([0, false, undefined])
  }
})

test("it is sent when a replica is there, and not given up any more; what comes back is told as its own", () => {
  const { attempt, waiting, heard, sent, found, onWire } = waitingCall()
  attempt.tryAgain()
  expect([sent.length, waiting.size, attempt.wasSent]).toEqual([1, 1, false])
  found.now = onWire
  attempt.tryAgain()
  expect([sent.length, waiting.size, vi.getTimerCount()]).toEqual([2, 0, 0])
  expect([attempt.wasSent, attempt.replica, attempt.breaker]).toEqual([true, "10.0.0.1:7000", "half-open"])
  sent[1]?.receiver.succeeded("answer", onWire)
  const fault = new Fault("INTERNAL", "It failed.")
  sent[1]?.receiver.failed(fault, onWire)
  expect(heard).toEqual([
    ["answer", attempt],
    [fault, attempt],
  ])
})

test("it takes no more time than is left after it has waited", () => {
  const { attempt, sent, found, onWire } = waitingCall({ remainingMs: 0.5 })
  found.now = onWire
  attempt.tryAgain()
  expect(sent[0]?.call.remainingMs).toBe(1)
})

test("when it never will be sent it is told why, and waits no longer", () => {
  const { attempt, waiting, heard, found } = waitingCall()
  found.now = new Fault("INCOMPATIBLE_CONTRACT", "They do not fit.")
  attempt.tryAgain()
  expect(heard).toEqual([[found.now, attempt]])
  expect([waiting.size, vi.getTimerCount()]).toEqual([0, 0])
})

test("when nobody waits for it any more it hears nothing, whether it was sent or not", () => {
  const [unsent, sent] = [waitingCall(), waitingCall()]
  sent.found.now = sent.onWire
  sent.attempt.tryAgain()
  for (const { attempt } of [unsent, sent]) attempt.cancel(gone)
  vi.advanceTimersByTime(10_000)
  expect([unsent.heard, sent.heard, unsent.waiting.size, sent.cancelled]).toEqual([[], [], 0, [gone]])
})
