import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, test } from "vitest"

/** Keeps more and more, and counts how often V8 looked through all of it meanwhile. */
const program = (percent: number) => `
import { constants, PerformanceObserver } from "node:perf_hooks"
import { setTimeout } from "node:timers/promises"
import { letHeapGrow } from ${JSON.stringify(new URL("heap.ts", import.meta.url).href)}
letHeapGrow(${percent})
let majors = 0
new PerformanceObserver((list) => {
  majors += list.getEntries().filter(({ detail }) => detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR).length
}).observe({ entryTypes: ["gc"] })
const kept = []
for (let part = 0; part < 200; part++) {
  kept.push(Array.from({ length: 25_000 }, (_, index) => ({ part, index })))
  // The first limit is far away; from here on each follows from what was found alive.
  if (part === 20) gc()
  await setTimeout(1)
}
await setTimeout(20)
process.stdout.write(String(majors))
`

async function majorsWith(percent: number, ...flags: readonly string[]): Promise<number> {
  const args = ["--expose-gc", ...flags, "--input-type=module", "--eval", program(percent)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return Number(stdout)
}

test("a heap that may double is looked through far less often than one that may grow by a twentieth", async () => {
  const [doubling, growing] = await Promise.all([majorsWith(100), majorsWith(5)])
  expect(growing).toBeGreaterThan(2 * doubling)
})

test("what the process was started with counts", async () => {
  const [given, growing] = await Promise.all([majorsWith(100, "--heap-growing-percent=5"), majorsWith(100)])
  expect(given).toBeGreaterThan(2 * growing)
})
