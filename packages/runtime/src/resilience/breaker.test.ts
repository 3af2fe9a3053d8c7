import * as fc from "fast-check"
import { expect, test } from "vitest"
import { Breaker } from "./breaker.ts"

const noJitter = () => 1

function opened(): Breaker {
  const breaker = new Breaker(noJitter)
  for (let call = 0; call < 10; call++) breaker.failed(0)
  return breaker
}

test("it opens when half of the calls have failed, and not for a few failures among many", () => {
  const breaker = new Breaker(noJitter)
  for (let call = 0; call < 100; call++) breaker.succeeded(1000)
  for (let call = 0; call < 99; call++) breaker.failed(1000)
  expect(breaker.state(1000)).toBe("closed")
  breaker.failed(1000)
  expect([breaker.state(1000), breaker.allows(1000)]).toEqual(["open", false])
})

test("a few failures alone do not open it, and old ones are forgotten", () => {
  const breaker = new Breaker(noJitter)
  for (let call = 0; call < 9; call++) breaker.failed(0)
  breaker.failed(20_000)
  expect(breaker.state(20_000)).toBe("closed")
})

test("after a pause one call may try; its success closes the breaker", () => {
  const breaker = opened()
  expect([breaker.allows(499), breaker.allows(500), breaker.state(500)]).toEqual([false, true, "half-open"])
  breaker.sent(500)
  expect(breaker.allows(501)).toBe(false)
  breaker.succeeded(510)
  expect([breaker.state(510), breaker.allows(510)]).toEqual(["closed", true])
})

test("its failure opens it for longer", () => {
  const breaker = opened()
  breaker.sent(500)
  breaker.failed(600)
  expect([breaker.allows(1_599), breaker.allows(1_600)]).toEqual([false, true])
})

test("when its caller goes away another may try, and one that is never heard of keeps others out for a while only", () => {
  const breaker = opened()
  breaker.sent(500)
  breaker.unknown()
  expect(breaker.allows(501)).toBe(true)
  breaker.sent(501)
  expect([breaker.allows(502), breaker.allows(5_501)]).toEqual([false, true])
})

test("answers to calls sent before it opened do not close it", () => {
  const breaker = opened()
  breaker.succeeded(100)
  breaker.failed(100)
  expect([breaker.state(100), breaker.allows(500)]).toEqual(["open", true])
})

test("whatever happens, it lets a call through again within five seconds of silence", () => {
  const happening = fc.record({ what: fc.constantFrom("sent", "succeeded", "failed", "unknown" as const), afterMs: fc.nat(3_000) })
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 200 }), (list) => {
      const breaker = new Breaker()
      let nowMs = 0
      for (const { what, afterMs } of list) {
        nowMs += afterMs
        if (what !== "sent" || breaker.allows(nowMs)) breaker[what](nowMs)
      }
      expect(breaker.allows(nowMs + 5_000)).toBe(true)
    }),
  )
})
