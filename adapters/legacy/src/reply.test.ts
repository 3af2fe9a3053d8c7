import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { reply } from "./reply.ts"

test("a check that throws on what the old system sent is an issue, and leaves nothing that could end the process", async () => {
  const rejected: unknown[] = []
  const note = (reason: unknown) => void rejected.push(reason)
  process.on("unhandledRejection", note)
  onTestFinished(() => void process.off("unhandledRejection", note))
  const parsed = reply(
    z.string().refine((text) => JSON.parse(text) !== undefined),
    (text) => text,
  )
  expect(parsed.read("{")).toEqual({ issues: [{ field: "", message: expect.stringContaining("one of its checks threw") }] })
  await new Promise(setImmediate)
  expect(rejected).toEqual([])
})
