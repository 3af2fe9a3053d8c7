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

test("of a file of twenty thousand lines what has changed is told as of a short one", () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index + 1}`)
  const changed = lines.toSpliced(9_999, 2, "one", "two", "three")
  expect(shown(lines.join("\n"), changed.join("\n"))).toEqual([
    " 9998 line 9998",
    " 9999 line 9999",
    "-10000 line 10000",
    "-10001 line 10001",
    "+10000 one",
    "+10001 two",
    "+10002 three",
    " 10003 line 10002",
    " 10004 line 10003",
  ])
})
