import { assert, bigInt, property } from "fast-check"
import { expect, test } from "vitest"
import { nanosecondsOf, timeOf } from "./time.ts"

test("a time in nanoseconds is the same again after it has been text", () => {
  assert(property(bigInt({ min: 0n, max: 2n ** 63n - 1n }), (ns) => void expect(nanosecondsOf(timeOf(ns))).toBe(ns)))
})

test("any fraction and offset of ISO 8601 is understood, and what is no time is refused by name", () => {
  expect(nanosecondsOf("1970-01-01T01:00:00.5+01:00")).toBe(500_000_000n)
  expect(nanosecondsOf("1970-01-02")).toBe(86_400_000_000_000n)
  expect(() => nanosecondsOf("yesterday")).toThrow('"yesterday" is no time in ISO 8601')
})
