import { expect, onTestFinished, test } from "vitest"
import { z } from "zod"
import { listOf, reply } from "./reply.ts"

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

test("where a reply does not fit is told as a JSON Pointer", () => {
  const parsed = reply(z.object({ "a/b~c": z.array(z.number()) }), (value) => value)
  expect(parsed.read({ "a/b~c": ["x"] })).toMatchObject({ issues: [{ field: "/a~1b~0c/0" }] })
})

test("of many places that do not fit five are told, and how many there are", () => {
  const places = Array.from({ length: 7 }, (_, number) => ({ field: `/${number}`, message: "no" }))
  expect(listOf(places)).toBe("/0: no; /1: no; /2: no; /3: no; /4: no; and 2 more")
})
