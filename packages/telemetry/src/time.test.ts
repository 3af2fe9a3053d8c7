import { assert, bigInt, property } from "fast-check"
import { expect, test } from "vitest"
import { nanosecondsOf, timeOf } from "./time.ts"

test("a time in nanoseconds is the same again after it has been text", () => {
  assert(property(bigInt({ min: 0n, max: 2n ** 63n - 1n }), (ns) => void expect(nanosecondsOf(timeOf(ns))).toBe(ns)))
})

test("any fraction and offset of ISO 8601 is understood, and what is no time is refused by name", () => {
  expect(nanosecondsOf("1970-01-01T01:00:00.5+01:00")).toBe(500_000_000n)
  expect(nanosecondsOf("1970-01-02")).toBe(86_400_000_000_000n)
  for (const time of [
    "yesterday",
    "yesterday 5",
    "5",
    "1800000000",
    "2027-01-15T08:00:00,5Z",
    "2027-13-01",
    "Fri, 15 Jan 2027 08:00:00 GMT",
  ])
    expect(() => nanosecondsOf(time)).toThrow(`"${time}" is no time in ISO 8601`)
})

test("no part of a fraction is lost where no offset is given", () => {
  expect(nanosecondsOf("2027-01-15T08:00:00.123456789") % 1_000_000_000n).toBe(123_456_789n)
})
