import { expect, test } from "vitest"
import { createRandom } from "../../../examples/shop/load/random.ts"
import type { Fault, Site } from "./fault.ts"
import { runSchedule } from "./schedule.ts"

const names = ["kill", "freeze", "delay", "surge", "clock"]

async function run(seed: number, forMs: number, kinds: readonly Fault[], signal = new AbortController().signal) {
  // The faults of these tests look at nothing else of it.
  const site = { brevity: 0.001 } as Site
  const ignore = () => undefined
  return runSchedule({ kinds, site, random: createRandom(seed), forMs, signal, onFault: ignore, onReport: ignore })
}

const harmless = (name: string): Fault => ({
  name,
  inflict: async (_, random) => ({ target: String(random.between(0, 1_000_000)), recoveryMs: null }),
})
const planOf = (reports: Awaited<ReturnType<typeof run>>) => reports.map(({ name, target }) => `${name} ${target}`).toSorted()

test("every kind comes once at least, however short the time is", async () => {
  const reports = await run(1, 0, names.map(harmless))
  expect(reports.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
})

test("the same seed inflicts the same on the same, another one does not", async () => {
  const [one, same, other] = await Promise.all([7, 7, 8].map((seed) => run(seed, 0, names.map(harmless))))
  expect(planOf(same ?? [])).toEqual(planOf(one ?? []))
  expect(planOf(other ?? [])).not.toEqual(planOf(one ?? []))
})

test("a fault that cannot be inflicted is told, and the others still come", async () => {
  const broken: Fault = { name: "broken", inflict: () => Promise.reject(new Error("no")) }
  const reports = await run(1, 0, [broken, harmless("kill")])
  expect(reports.flatMap(({ wrong = [] }) => wrong)).toEqual(["broken could not be inflicted: no"])
  expect(reports).toHaveLength(2)
})

test("after an interrupt nothing more is inflicted", async () => {
  expect(await run(1, 60_000, names.map(harmless), AbortSignal.abort())).toEqual([])
})
