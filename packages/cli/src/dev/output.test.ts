import { once } from "node:events"
import { PassThrough } from "node:stream"
import { text } from "node:stream/consumers"
import { expect, test } from "vitest"
import { createOutput } from "./output.ts"

test("a log's text, which may be anybody's, does nothing to the terminal", async () => {
  const stream = new PassThrough()
  const { line } = createOutput(stream, false)
  line("main", JSON.stringify({ level: 40, msg: "no such gift", name: "\u001b]0;owned\u0007", error: "Error\n    at once" }))
  line("main", "\u001b[1mprinted by the module itself\u001b[0m")
  stream.end()
  expect(await text(stream)).toBe(
    "main         WARN no such gift name=�]0;owned� error=Error\n                 at once\nmain         \u001b[1mprinted by the module itself\u001b[0m\n",
  )
})

test.each([
  [
    "a title \u001b]0;owned\u0007 and a clipboard \u001b]52;c;eA==\u001b\\",
    "a title \ufffd]0;owned\ufffd and a clipboard \ufffd]52;c;eA==\ufffd\\",
  ],
  ["nothing above \u001b[2J\u001b[1;1H, \u001b[8;1;1t or \u001bc", "nothing above \ufffd[2J\ufffd[1;1H, \ufffd[8;1;1t or \ufffdc\u001b[0m"],
  ["\u009b2J and to the \u202eleft", "\ufffd2J and to the \ufffdleft"],
  [
    "\tindented, \u001b[1;38:5:9mred\u001b[39m and \u001b[31mred on",
    "\tindented, \u001b[1;38:5:9mred\u001b[39m and \u001b[31mred on\u001b[0m",
  ],
])("%j, which a module prints to the console, changes colours at most, and those of its own line alone", async (printed, shown) => {
  const stream = new PassThrough()
  createOutput(stream, false).line("main", printed)
  stream.end()
  expect(await text(stream)).toBe(`main         ${shown}\n`)
})

test("a text of several lines stays behind the label of who wrote it, and none of them looks like a line of another", async () => {
  const stream = new PassThrough()
  createOutput(stream, false).line("main", JSON.stringify({ level: 30, msg: "greeted Mina\norder        ERROR all is lost", name: "a\nb" }))
  stream.end()
  const rest = " ".repeat(13)
  expect(await text(stream)).toBe(`main         info greeted Mina\n${rest}order        ERROR all is lost name=a\n${rest}b\n`)
})

test("what went wrong, which a module may say in its own words, does nothing to the terminal either, and stays behind the label", async () => {
  const stream = new PassThrough()
  createOutput(stream, false).notice("The new version does not start.\n  Error: \u001b]0;owned\u0007\u001b[2J\nmain         all is well")
  stream.end()
  const rest = " ".repeat(13)
  expect(await text(stream)).toBe(
    `hanok        The new version does not start.\n${rest}  Error: �]0;owned��[2J\n${rest}main         all is well\u001b[0m\n`,
  )
})

test.each([
  [{ module: "loan", operation: "loan.lend" }, "loan.lend: lent"],
  [{ module: "notice", operation: "loan.lent" }, "notice on loan.lent: lent"],
  [{ module: "loan" }, "loan: lent"],
  [{ service: "main", operation: "loan.lend" }, "lent"],
])("of the modules in one process, a line logged by %j names its own", async (fields, shown) => {
  const stream = new PassThrough()
  createOutput(stream, false).line("main", JSON.stringify({ level: 30, ...fields, msg: "lent", isbn: "1" }))
  stream.end()
  expect(await text(stream)).toBe(`main         info ${shown} isbn=1\n`)
})

test.each([
  ['{"msg":{"toString":1},"level":{"valueOf":1}}', ' {"toString":1}'],
  ['{"msg":{"__proto__":null},"level":[[30]]}', ' {"__proto__":null}'],
  ['{"msg":7,"level":"constructor","x":null}', " 7 x=null"],
])("%s, which a module printed with what somebody sent it, is a line like any other", async (printed, shown) => {
  const stream = new PassThrough()
  createOutput(stream, false).line("main", printed)
  stream.end()
  expect(await text(stream)).toBe(`main         ${shown}\n`)
})

test("lines that nobody reads wait, up to a limit, and where some are left out it is said how many", async () => {
  const stream = new PassThrough()
  const { line } = createOutput(stream, false)
  for (let count = 0; count < 20; count++) line("main", "x".repeat(1024 * 1024))
  const printed = text(stream)
  await once(stream, "drain")
  line("main", "at last")
  stream.end()
  const lines = (await printed).replaceAll(/x+/g, "x").split("\n")
  expect(lines.slice(15)).toEqual([
    "main         x",
    "hanok        4 lines are left out here: nobody read them",
    "main         at last",
    "",
  ])
})
