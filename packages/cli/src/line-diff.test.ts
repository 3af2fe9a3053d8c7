import { expect, test } from "vitest"
import { lineDiff } from "./line-diff.ts"

const signs = { same: " ", added: "+", removed: "-" } as const
const shown = (before: string, after: string) => lineDiff(before, after).map(({ kind, text, line }) => `${signs[kind]}${line} ${text}`)

test("an added line is shown with two lines around it", () => {
  expect(shown("a\nb\nc\nd\ne\n", "a\nb\nc\nnew\nd\ne\n")).toEqual([" 2 b", " 3 c", "+4 new", " 5 d", " 6 e"])
})

test("a changed line is shown as it was and as it is", () => {
  expect(shown("a\nb\nc", "a\nB\nc")).toEqual([" 1 a", "-2 b", "+2 B", " 3 c"])
})

test("equal texts have no difference, whatever their line breaks", () => {
  expect(shown("a\nb\n", "a\r\nb\r\n")).toEqual([])
})
