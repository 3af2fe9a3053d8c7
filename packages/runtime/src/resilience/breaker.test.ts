import * as fc from "fast-check"
import { expect, test } from "vitest"
import { Breaker } from "./breaker.ts"

const noJitter = () => 1

function opened(): Breaker {
  const breaker = new Breaker(noJitter)
  for (let call = 0; call < 10; call++) breaker.failed(0, "closed")
  return breaker
}

test("it opens when half of the calls have failed, and not for a few failures among many", () => {
  const breaker = new Breaker(noJitter)
  for (let call = 0; call < 100; call++) breaker.succeeded(1000, "closed")
  for (let call = 0; call < 99; call++) breaker.failed(1000, "closed")
  expect(breaker.state(1000)).toBe("closed")
  breaker.failed(1000, "closed")
  expect([breaker.state(1000), breaker.allows(1000)]).toEqual(["open", false])
})

test("a few failures alone do not open it, and old ones are forgotten", () => {
  const breaker = new Breaker(noJitter)
  for (let call = 0; call < 9; call++) breaker.failed(0, "closed")
  breaker.failed(20_000, "closed")
  expect(breaker.state(20_000)).toBe("closed")
})

test("after a pause one call may try; its success closes the breaker", () => {
  const breaker = opened()
  expect([breaker.allows(499), breaker.allows(500), breaker.state(500)]).toEqual([false, true, "half-open"])
  const sentIn = breaker.sent(500)
  expect(breaker.allows(501)).toBe(false)
  breaker.succeeded(510, sentIn)
  expect([breaker.state(510), breaker.allows(510)]).toEqual(["closed", true])
})

test("its failure opens it for longer", () => {
  const breaker = opened()
  breaker.failed(600, breaker.sent(500))
  expect([breaker.allows(1_599), breaker.allows(1_600)]).toEqual([false, true])
})

test("callers do not all try at once: the pause is at least half as long, and otherwise anybody's guess", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (random) => {
      const breaker = new Breaker(() => random)
      for (let call = 0; call < 10; call++) breaker.failed(0, "closed")
      const pauseMs = 250 + 250 * random
      expect([breaker.allows(pauseMs - 1), breaker.allows(pauseMs + 1)]).toEqual([false, true])
    }),
  )
})

test("once closed it knows nothing of before: neither the failures nor how long it was open", () => {
  const breaker = opened()
  breaker.failed(600, breaker.sent(500))
  breaker.succeeded(1_700, breaker.sent(1_600))
  for (let call = 0; call < 9; call++) breaker.failed(1_700, "closed")
  expect(breaker.state(1_700)).toBe("closed")
  breaker.failed(1_700, "closed")
  expect([breaker.allows(2_199), breaker.allows(2_200)]).toEqual([false, true])
})

test("when its caller goes away another may try, and one that is never heard of keeps others out for a while only", () => {
  const breaker = opened()
  breaker.unknown(breaker.sent(500))
  expect(breaker.allows(501)).toBe(true)
  breaker.sent(501)
  expect([breaker.allows(502), breaker.allows(5_501)]).toEqual([false, true])
})

test("answers to calls sent before it opened do not close it", () => {
  const breaker = opened()
  breaker.succeeded(100, "closed")
  breaker.failed(100, "closed")
  expect([breaker.state(100), breaker.allows(500)]).toEqual(["open", true])
})

test("while one call tries, calls sent before neither let others try, nor decide for it", () => {
  const breaker = opened()
  const sentIn = breaker.sent(500)
  breaker.unknown("closed")
  breaker.failed(501, "closed")
  breaker.succeeded(502, "closed")
  expect([breaker.state(503), breaker.allows(503)]).toEqual(["half-open", false])
  breaker.succeeded(510, sentIn)
  expect(breaker.state(510)).toBe("closed")
})

test("whatever happens, it lets a call through again within five seconds of silence", () => {
  const happening = fc.record({
    what: fc.constantFrom("sent", "succeeded", "failed", "unknown" as const),
    sentIn: fc.constantFrom("closed", "half-open" as const),
    afterMs: fc.nat(3_000),
  })
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 200, size: "max" }), (list) => {
      const breaker = new Breaker()
      let nowMs = 0
      for (const { what, sentIn, afterMs } of list) {
        nowMs += afterMs
        if (what === "unknown") breaker.unknown(sentIn)
        else if (what !== "sent") breaker[what](nowMs, sentIn)
        else if (breaker.allows(nowMs)) breaker.sent(nowMs)
      }
      expect(breaker.allows(nowMs + 5_000)).toBe(true)
    }),
  )
})
