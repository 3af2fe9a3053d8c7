import { Fault } from "@hanok/contract"
import pino from "pino"
import { expect, onTestFinished, test, vi } from "vitest"
import { createRecorder, newRootSpanIds, SpanTemplate } from "../recorder/index.ts"
import { recording } from "../recorder/recording.fixture.ts"
import { CallContext } from "./call-context.ts"
import { nobodysRequest } from "./request-traits.ts"
import { Scope } from "./scope.ts"

function contextWithin(limit: Scope, recorder = createRecorder({ resource: {} })): CallContext {
  const origin = {
    recorder,
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

test("a span that failed says what kind of error it was, whatever was thrown, and whoever ends it may know better", () => {
  const { recorder, spans } = recording()
  const context = contextWithin(lastingScope(), recorder)
  const codeless = Object.defineProperty(new Error("odd"), "code", {
    get() {
      throw new Error("nobody may know")
    },
  })
  const errors = [
    new TypeError("a"),
    Object.assign(new Error("b"), { code: "ENOENT" }),
    new Fault("UNAVAILABLE", "c"),
    "error.type",
    codeless,
  ]
  for (const error of errors) context.startSpan("step", "internal").end(error)
  const own = context.startSpan("step", "internal")
  own.setAttribute("error.type", "23505")
  own.end(new Error("duplicate key"))
  context.startSpan("step", "internal").end()
  const types = ["TypeError", "ENOENT", "UNAVAILABLE", "_OTHER", "_OTHER", "23505", undefined]
  expect(spans.map(({ attributes }) => attributes["error.type"])).toEqual(types)
})
