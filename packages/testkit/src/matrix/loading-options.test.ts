import { expect, test } from "vitest"
import { loadingOptions } from "./loading-options.ts"

test("what says how modules are read is kept, in either way it can be written, and nothing else", () => {
  const kept = ["--import", "./a.mjs", "--import=./b.mjs", "-r", "./c.cjs", "--conditions=source", "-C", "source"]
  const others = ["--test", "--inspect-brk", "--test-reporter", "spec", "--test-concurrency=0", "--watch"]
  expect(loadingOptions([...others, ...kept, ...others])).toEqual(kept)
})
