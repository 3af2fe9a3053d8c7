import { expect, test } from "vitest"
import { targetsOf } from "./package-targets.ts"

test.each([
  ["./a/x.ts", ["./src/x.ts"]],
  ["./a/deep/x.ts", ["./src/deep/x.ts"]],
  ["./b/x.ts", []],
  ["./a/x.js", []],
  ["./a/.ts", []],
])("a pattern is for names that begin and end as it does, with something between: %s", (name, targets) => {
  expect(targetsOf({ "./a/*.ts": "./src/*.ts" }, name)).toEqual(targets)
})

test("a name that is written out weighs more than a pattern, and is no beginning of others", () => {
  const field = { "./a/*": "./src/*", "./a/b": "./b.ts" }
  expect(["./a/b", "./a/bc"].map((name) => targetsOf(field, name))).toEqual([["./b.ts"], ["./src/bc"]])
  expect(targetsOf({ "./a/b": "./b.ts" }, "./a/bc")).toEqual([])
})

test("a pattern may stand for the same part in more than one place, whatever is in it", () => {
  expect(targetsOf({ "./*": "./*/*.ts" }, "./$&")).toEqual(["./$&/$&.ts"])
})
