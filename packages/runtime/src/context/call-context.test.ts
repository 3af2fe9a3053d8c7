import pino from "pino"
import { expect, onTestFinished, test, vi } from "vitest"
import { createRecorder, newRootSpanIds, SpanTemplate } from "../recorder/index.ts"
import { CallContext } from "./call-context.ts"
import { nobodysRequest } from "./request-traits.ts"
import { Scope } from "./scope.ts"

function contextWithin(limit: Scope): CallContext {
  const origin = {
    recorder: createRecorder({ resource: {} }),
    log: pino({ enabled: false }),
    module: "stock",
    contract: "stock",
    operation: "take",
    template: SpanTemplate.shared("stock.take"),
  }
  const timeoutMs = Number.POSITIVE_INFINITY
  return new CallContext(origin, newRootSpanIds(), undefined, "server", limit, timeoutMs, nobodysRequest, undefined)
}

function lastingScope(): Scope {
  const scope = Scope.lasting(60_000)
  onTestFinished(() => scope.close())
  return scope
}

test("the deadline that a handler reads stays the same, whenever it reads it", () => {
  const context = contextWithin(lastingScope())
  const read = new Set<number>()
  for (const until = performance.now() + 20; performance.now() < until;) read.add(context.deadlineAt)
  expect([...read]).toEqual([context.deadlineAt])
})

test("the deadline that a handler reads goes with the wall clock when that is set, so that as much time is left as before", async () => {
  const context = contextWithin(lastingScope())
  const before = context.deadlineAt
  const { now } = Date
  vi.spyOn(Date, "now").mockImplementation(() => now() - 3_600_000)
  onTestFinished(() => void vi.restoreAllMocks())
  // A process that rested between two clocks does not believe what they say, and reads them again the next time.
  await expect.poll(() => Math.round((before - context.deadlineAt) / 1_000)).toBe(3_600)
})
