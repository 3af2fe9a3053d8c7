import { expect, test } from "vitest"
import { createLog, loggerFor } from "./log.ts"

function createLogger() {
  const lines: string[] = []
  const log = createLog({ service: "main", instance: "1", destination: { write: (line) => void lines.push(line) } })
  return {
    log: loggerFor(log, { module: "gift" }),
    lines: () => lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
  }
}

test("an error in a field of a line is told with its stack and its cause, whatever the field is called", () => {
  const { log, lines } = createLogger()
  const error = new TypeError("no gift", { cause: new Error("no answer") })
  const text = expect.stringMatching(/^TypeError: no gift\n +at .*log\.test\.ts.*\n(.+\n)+caused by Error: no answer\n/)
  log.error("it failed", { error, giftId: "g1" })
  log.warn("it failed", { reason: error })
  log.warn("it failed", { err: error })
  expect(lines()).toMatchObject([
    { msg: "it failed", module: "gift", error: text, giftId: "g1" },
    { reason: text },
    { err: { type: "TypeError", message: "no gift: no answer" } },
  ])
})

test("a field that is called as one that the line has already takes nothing from it, and is there itself", () => {
  const lines: string[] = []
  const log = createLog({ service: "main", instance: "1", destination: { write: (line) => void lines.push(line) } })
  const own = { module: "gift", operation: "gift.wrap" }
  const fields = { level: 50, time: "noon", service: "DHL", instance: "i-1", module: "m", operation: "plus", trace_id: "t", msg: "mine" }
  loggerFor(log, own, () => ({ traceId: "t1", spanId: "s1" })).warn("sent", { ...fields, giftId: "g1" })
  const written = { level: 40, service: "main", instance: "1", ...own, trace_id: "t1", span_id: "s1", msg: "sent", giftId: "g1" }
  const beside = Object.fromEntries(Object.entries(fields).map(([name, value]) => [`fields.${name}`, value]))
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([{ time: expect.any(Number), ...written, ...beside }])
})

test("fields that will not be read are told, and whoever logs goes on", () => {
  const { log, lines } = createLogger()
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  const refuses = () => {
    throw new Error("not now")
  }
  log.info("a field", Object.defineProperty({}, "price", { get: refuses, enumerable: true }))
  log.info("all", proxy)
  for (const value of [proxy, { toJSON: refuses }, 2n ** 80n, Symbol("s"), undefined]) log.info("one", { value })
  expect(lines().map(({ msg }) => msg)).toEqual(["a field", "all", "one", "one", "one", "one", "one"])
  expect(lines()[0]).toMatchObject({ module: "gift", unread: "not now" })
})
