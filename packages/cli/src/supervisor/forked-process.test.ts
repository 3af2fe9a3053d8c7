import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { projectWith } from "../testing/run-hanok.ts"
import { ForkedProcess } from "./forked-process.ts"

/** What is printed by a process that writes these pieces one after the other, line by line. */
async function linesOfProcess(pieces: readonly string[]): Promise<readonly string[]> {
  const file = join(await projectWith({}), "prints.mjs")
  const bytes = pieces.map((piece) => Buffer.from(piece, "latin1").toString("base64"))
  await writeFile(
    file,
    `import { setTimeout } from "node:timers/promises"
for (const piece of ${JSON.stringify(bytes)}) {
  process.stdout.write(Buffer.from(piece, "base64"))
  await setTimeout(20)
}
process.disconnect()
`,
  )
  const lines: string[] = []
  const child = new ForkedProcess(file, [], process.env)
  child.keepBy({ onMessage: () => undefined, onLine: (line) => void lines.push(line), onExit: () => undefined })
  await child.ended
  await expect.poll(() => lines.at(-1)).toBe("the last")
  return lines
}

const utf8 = (text: string) => Buffer.from(text).toString("latin1")

test("a line of log is one line, whatever line separators somebody has written into its text", async () => {
  const entry = JSON.stringify({ level: 30, msg: "a\u2028hanok        reloaded\u2029b" })
  expect(await linesOfProcess([utf8(`${entry}\n`), "the last\n"])).toEqual([entry, "the last"])
})

test("lines are told as they were printed, wherever they are cut on their way", async () => {
  const han = utf8("한")
  const pieces = ["one\r", "\ntwo\n\nth", `ree ${han.slice(0, 1)}`, `${han.slice(1)}\n 10 %\r100 %\n`, "the last"]
  expect(await linesOfProcess(pieces)).toEqual(["one", "two", "", "three 한", " 10 %", "100 %", "the last"])
})
