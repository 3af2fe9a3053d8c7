import { expect, test } from "vitest"
import { fit, harmless, harmlessJson, wrapped } from "./terminal-text.ts"

test("what a terminal would obey is shown, and not sent to it", () => {
  expect(harmless("a\u001b[2Jb\u009b31mc\rd\u202ee\ud800f")).toBe("a�[2Jb�31mc�d�e�f")
  expect(harmless("한옥 é 😀\tand\na line")).toBe("한옥 é 😀\tand\na line")
})

test("JSON has nothing that a terminal would obey, and is of the same value", () => {
  const value = { "a\u009b31m": ["\u001b]0;x\u0007", "\u202ee\u2066\u200f", "\u2028\u2029\u007f\u0085", "\ud800", "한옥 é 😀"] }
  const text = harmlessJson(value)
  expect(harmless(text)).toBe(text)
  expect(text).toContain("한옥 é 😀")
  expect(JSON.parse(text)).toEqual(value)
})

test("text fills its columns, or is cut to them, and stays in its line", () => {
  expect(fit("order", 8)).toBe("order   ")
  expect(fit("a line\nanother", 8)).toBe("a line… ")
  expect(fit("inventory", 8)).toBe("invent… ")
})

test("wide letters take two columns, and none is cut in two", () => {
  expect(fit("한옥", 8)).toBe("한옥    ")
  expect(fit("한옥한옥한", 8)).toBe("한옥한… ")
  expect(fit("a한옥한옥", 8)).toBe("a한옥…  ")
  expect(fit("👩‍👩‍👧😀😀😀", 8)).toBe("👩‍👩‍👧😀😀… ")
})

test("a text that is too long goes on in the next line, between words where there are any", () => {
  expect(wrapped("one two three four", 9)).toEqual(["one two", "three", "four"])
  expect(wrapped("a 0123456789abcdef b", 10)).toEqual(["a", "0123456789", "abcdef b"])
  expect(wrapped("한옥한옥한옥", 8)).toEqual(["한옥한옥", "한옥"])
  expect(wrapped("a\u001b[2J\nb", 20)).toEqual(["a\ufffd[2J b"])
  expect(wrapped("", 20)).toEqual([""])
})
