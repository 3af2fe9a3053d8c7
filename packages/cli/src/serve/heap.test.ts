import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, test } from "vitest"

/** Keeps more and more, and counts how often V8 looked through all of it meanwhile. */
const program = (isTold: boolean) => `
import { constants, PerformanceObserver } from "node:perf_hooks"
import { setTimeout } from "node:timers/promises"
import { setFlagsFromString } from "node:v8"
import { letHeapGrow } from ${JSON.stringify(new URL("heap.ts", import.meta.url).href)}
setFlagsFromString("--heap-growing-percent=5")
if (${isTold}) letHeapGrow()
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

async function majorsOf(isTold: boolean, ...flags: readonly string[]): Promise<number> {
  const args = ["--expose-gc", ...flags, "--input-type=module", "--eval", program(isTold)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return Number(stdout)
}

test("a heap that may double is looked through far less often than one that may grow by a twentieth", async () => {
  const [doubling, growing] = await Promise.all([majorsOf(true), majorsOf(false)])
  expect(growing).toBeGreaterThan(2 * doubling)
})

test("what the process was started with counts", async () => {
  const [given, doubling] = await Promise.all([majorsOf(true, "--heap-growing-percent=5"), majorsOf(true)])
  expect(given).toBeGreaterThan(2 * doubling)
})
