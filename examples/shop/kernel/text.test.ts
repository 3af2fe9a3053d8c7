import { expect, test } from "vitest"
import { paragraph, text } from "./text.ts"

test("a line of text is trimmed, and is not empty", () => {
  expect(text(10).parse("  달항아리 ")).toBe("달항아리")
  expect(text(10).safeParse("   ").success).toBe(false)
})

test("what databases and JSON cannot carry is refused", () => {
  const wrong = ["nul\u0000", "half \ud83d", "line\nbreak", "esc\u001b"]
  expect(wrong.filter((value) => text(20).safeParse(value).success)).toEqual([])
  expect(text(20).safeParse("moon 🌕").success).toBe(true)
})

test("a paragraph has lines", () => {
  expect(paragraph(20).parse("one\ntwo")).toBe("one\ntwo")
  expect(paragraph(20).safeParse("nul\u0000").success).toBe(false)
})
