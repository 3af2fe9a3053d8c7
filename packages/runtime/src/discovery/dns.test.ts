import { setTimeout as sleep } from "node:timers/promises"
import type { Logger } from "@hanok/contract"
import * as fc from "fast-check"
import { afterEach, expect, onTestFinished, test, vi } from "vitest"
import { addressText } from "./address.ts"
import { createDnsDiscovery } from "./dns.ts"

type Answer = readonly string[] | "no answer" | "error" | "trouble"

/** What the names resolve to. A test cannot choose the machine's own name server. */
const answers = new Map<string, () => Answer | Promise<Answer>>()
vi.mock(import("node:dns/promises"), async (importOriginal) => {
  const lookup = async (hostname: string, options: { readonly all?: boolean }) => {
    const answer = (await answers.get(hostname)?.()) ?? "error"
    if (answer === "error") throw new Error(`getaddrinfo ENOTFOUND ${hostname}`)
    if (answer === "trouble") throw new Error(`getaddrinfo EAI_AGAIN ${hostname}`)
    if (answer === "no answer") return new Promise<never>(() => undefined)
    const found = answer.map((address) => ({ address, family: 4 }))
    return options.all ? found : found[0]
  }
  // It is called in these two ways at most.
  return { ...(await importOriginal()), lookup: lookup as never }
})
afterEach(() => answers.clear())

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }

function discover(...services: readonly string[]) {
  return discoverTelling(silent, ...services)
}

function discoverTelling(log: Logger, ...services: readonly string[]) {
  const names = Object.fromEntries(services.map((service) => [service, { hostname: `${service}.test`, port: 7000 }]))
  const discovery = createDnsDiscovery({ names, log, everyMs: 1 })
  onTestFinished(() => discovery.close())
  const known = (service: string) => discovery.addressesOf(service).current().map(addressText).toSorted()
  services.forEach(known)
  return { discovery, known }
}

test("a name whose server does not answer keeps nobody else's replicas from being found, nor from being followed", async () => {
  answers.set("away.test", () => "no answer")
  answers.set("order.test", () => ["10.0.0.1"])
  const { known } = discover("away", "order")
  await expect.poll(() => known("order")).toEqual(["10.0.0.1:7000"])
  answers.set("order.test", () => ["10.0.0.2"])
  await expect.poll(() => known("order")).toEqual(["10.0.0.2:7000"])
  expect(known("away")).toEqual([])
})

test("names that get no answer are looked up one after the other, so that the system has room to look up another one", async () => {
  const [waiting, asked] = [new Set<string>(), new Map<string, number>()]
  let most = 0
  for (const name of ["a.test", "b.test", "c.test"])
    answers.set(name, () => {
      asked.set(name, (asked.get(name) ?? 0) + 1)
      waiting.add(name)
      if (Math.min(...asked.values()) > 2) most = Math.max(most, waiting.size)
      return sleep(5).then(() => (waiting.delete(name), "error"))
    })
  answers.set("order.test", () => ["10.0.0.1"])
  const { known } = discover("a", "b", "c", "order")
  await expect.poll(() => Math.min(...asked.values())).toBeGreaterThan(9)
  expect(most).toBe(1)
  expect(known("order")).toEqual(["10.0.0.1:7000"])
})

test("a name is looked up when somebody asks for its addresses, and not before", async () => {
  const asked: string[] = []
  for (const name of ["order.test", "stock.test"]) answers.set(name, () => (asked.push(name), ["10.0.0.1"]))
  const names = { order: { hostname: "order.test", port: 7000 }, stock: { hostname: "stock.test", port: 7000 } }
  const discovery = createDnsDiscovery({ names, log: silent, everyMs: 1 })
  onTestFinished(() => discovery.close())
  const order = discovery.addressesOf("order")
  await expect.poll(() => asked.length).toBeGreaterThan(5)
  expect(order.current()).toEqual([{ host: "10.0.0.1", port: 7000 }])
  expect(asked).not.toContain("stock.test")
})

test("a name that cannot be looked up for long is told once, and so is that it can be again", async () => {
  let asked = 0
  const answer = (one: Answer) => () => {
    asked += 1
    return one
  }
  const lines: string[] = []
  const tell = (line: string) => void lines.push(line)
  answers.set("order.test", answer("error"))
  discoverTelling({ ...silent, info: tell, warn: tell }, "order")
  await expect.poll(() => asked, { interval: 1 }).toBeGreaterThan(5)
  answers.set("order.test", answer(["10.0.0.1"]))
  const before = asked
  await expect.poll(() => asked, { interval: 1 }).toBeGreaterThan(before + 5)
  expect(lines).toEqual(["the replicas of order cannot be looked up; keeping those known", "the replicas of order can be looked up again"])
})

test("each reason why a name cannot be looked up is told once, also where they take turns", async () => {
  let asked = 0
  const lines: unknown[] = []
  answers.set("order.test", () => (asked++ % 2 === 0 ? "error" : "trouble"))
  discoverTelling({ ...silent, warn: (_, fields) => void lines.push(fields?.["error"]) }, "order")
  await expect.poll(() => asked, { interval: 1 }).toBeGreaterThan(9)
  expect(lines).toEqual([expect.stringContaining("ENOTFOUND"), expect.stringContaining("EAI_AGAIN")])
})

test("who closes it looks up nothing more, also when a look-up is under way", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  onTestFinished(() => void vi.useRealTimers())
  answers.set("order.test", () => ["10.0.0.1"])
  const { discovery: waiting } = discover("order")
  await new Promise(setImmediate)
  expect(vi.getTimerCount()).toBe(1)
  waiting.close()
  const { discovery: asking, known } = discover("order")
  asking.close()
  await new Promise(setImmediate)
  expect([vi.getTimerCount(), known("order")]).toEqual([0, []])
})

const anyAnswer = fc.oneof(fc.constant("error" as const), fc.uniqueArray(fc.constantFrom("10.0.0.1", "10.0.0.2", "10.0.0.3")))

test("whatever a name resolves to, the last answer is what is known, and who listens is told of what has changed only", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyAnswer, { maxLength: 20, size: "max" }), async (list) => {
      let asked = 0
      answers.set("order.test", () => list[asked++] ?? "error")
      const { discovery, known } = discover("order")
      let told = 0
      const stop = discovery.addressesOf("order").onChange(() => told++)
      await expect.poll(() => asked, { interval: 1 }).toBeGreaterThan(list.length)
      const answered = list.filter((answer) => answer !== "error").map((answer) => answer.map((host) => `${host}:7000`).toSorted())
      expect(known("order")).toEqual(answered.at(-1) ?? [])
      expect(told).toBe(answered.filter((answer, index) => answer.join() !== (answered[index - 1] ?? []).join()).length)
      stop()
      discovery.close()
    }),
    { numRuns: 30 },
  )
})
