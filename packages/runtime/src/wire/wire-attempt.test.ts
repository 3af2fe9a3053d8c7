import { Fault } from "@hanok/contract"
import { expect, test } from "vitest"
import { now } from "../recorder/clock.ts"
import { ReplicaHealth } from "../resilience/replica-health.ts"
import { SeamState } from "../resilience/seam-state.ts"
import { outrun } from "../seam/attempt.ts"
import { callOf } from "./fixture.ts"
import { WireAttempt } from "./wire-attempt.ts"

/** Sent a moment ago to a replica that has taken 500 ms for an answer. */
function attempt() {
  const replica = { name: "10.0.0.1:7000", health: new ReplicaHealth() }
  const nowMs = now()
  replica.health.answered(nowMs, 500)
  const nobody = { succeeded: () => expect.fail(), failed: () => expect.fail() }
  const state = new SeamState("order", "echo", nowMs)
  return { replica, nowMs, sent: new WireAttempt(callOf({}), replica, { cancel: () => true }, state, nobody, nowMs) }
}

test("a slow replica does not become a quick one by calls that are cancelled before it answers", () => {
  const { replica, nowMs, sent } = attempt()
  sent.cancel(outrun)
  expect([replica.health.latency.current(nowMs), replica.health.typicalMs(nowMs)]).toEqual([500, expect.closeTo(500)])
  expect(replica.health.window.failures(nowMs)).toBe(0)
})

test("a call whose time runs out counts against its replica", () => {
  const { replica, nowMs, sent } = attempt()
  sent.cancel(new Fault("DEADLINE_EXCEEDED", "The deadline passed."))
  expect(replica.health.window.failures(nowMs)).toBe(1)
})
