import { array, assert, constantFrom, oneof, property, string } from "fast-check"
import { expect, test } from "vitest"
import { isRun, runOf } from "./pattern.ts"

const pieces = oneof(
  { weight: 9, arbitrary: constantFrom("a-z", "A-Z", "0-9", "_", ".", "+-.", "x", " ", "-") },
  { weight: 1, arbitrary: constantFrom("\\d", "^") },
)
const counts = constantFrom("{1,64}", "{3}", "{2,}", "{0}", "+", "*", "", "?", "{1,2}?")
const patterns = array(pieces, { minLength: 1, maxLength: 4 }).chain((parts) =>
  counts.chain((count) => constantFrom("", "u", "i").map((flags) => patternOf(`^[${parts.join("")}]${count}$`, flags))),
)
const likely = string({ unit: constantFrom(..."abzAZ059_.+- x"), maxLength: 4 })
const texts = oneof(likely, likely, string({ unit: constantFrom(..."az,\n^é😀"), maxLength: 3 }))

function patternOf(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags)
  } catch {
    // Not every mixture of pieces is a pattern: two of them may make a range that ends before it begins.
    return /^[a-c-]{1,3}$/
  }
}

test("a text is a run exactly when its pattern matches it, unless there are characters in it that are not of ASCII", () => {
  let runs = 0
  assert(
    property(patterns, texts, (pattern, text) => {
      const run = runOf(pattern)
      if (!run) return
      if (isRun(text, run)) runs++
      const isAscii = [...text].every((character) => character <= "\x7f")
      if (isAscii) expect(isRun(text, run)).toBe(pattern.test(text))
      else expect(isRun(text, run)).toBe(false)
    }),
    { numRuns: 20_000 },
  )
  expect(runs).toBeGreaterThan(400)
})

test("a pattern that says more than which characters there are, and how many, is no run", () => {
  const others = [
    /^[^a]+$/,
    /^[a-z]+x$/,
    /^[a-z]+/,
    /[a-z]+$/,
    /^[a-z]+$/m,
    /^[a-z]+$/i,
    /^[\d]+$/,
    /^(?:[a-z]+)$/,
    /^[a-z]{1,2}?$/,
    /^[a-z]$/,
  ]
  expect(others.map(runOf)).toEqual(others.map(() => undefined))
})
