import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import { expect, onTestFinished, test, vi } from "vitest"
import { ServiceProcess } from "../supervisor/service-process.ts"
import { backModule, busyProject } from "../testing/busy-project.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { reportLoad } from "./report-load.ts"

/** A need that is ready when there is a file, and computes until then, as what fills a cache does. */
const warming = `
import { existsSync } from "node:fs"
const ready = async () => {
  while (!existsSync(new URL("go", import.meta.url))) {
    spin(20)
    await sleep(1)
  }
}
const cache = { kind: "adapter", technology: "cache", create: async () => ({ port: {}, ready }) }
`

test("a load is that of the half second before, and not of all that has been", () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
  const measure = performance.eventLoopUtilization.bind(performance)
  const total = { idle: 0, active: 0, utilization: 0 }
  vi.spyOn(performance, "eventLoopUtilization").mockImplementation((now, before) => (now ? measure(now, before) : { ...total }))
  onTestFinished(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })
  const told: number[] = []
  const load = { inFlight: 0, limit: 100, queued: 0, utilisation: 0, eventLoopDelayMs: 0 }
  reportLoad({ load: () => load }, ({ eventLoopUtilisation }) => void told.push(eventLoopUtilisation))
  total.active += 500
  vi.advanceTimersByTime(500)
  total.idle += 500
  vi.advanceTimersByTime(500)
  expect(told).toEqual([1, 0])
})

test(
  "a replica tells of its load when it serves, and not how busy it is with its start: for that no others are needed",
  { timeout: 60_000 },
  async () => {
    const module = backModule("1")
      .replace("handlers:", "needs: { cache },\n  handlers:")
      .replace("export const backModule", `${warming}export const backModule`)
    const folder = await projectWith({ ...busyProject('{ back: { modules: ["back"] } }'), "modules/back/module.ts": module })
    const process = new ServiceProcess(join(folder, "hanok.config.ts"), {
      ...globalThis.process.env,
      HANOK_SECRET: "a secret for this test alone",
    })
    onTestFinished(() => process.kill())
    const told: string[] = []
    process.keepBy({ onMessage: ({ kind }) => void told.push(kind), onLine: () => undefined, onExit: (how) => void told.push(how) })
    await expect.poll(() => told, { timeout: 30_000 }).toContain("loaded")
    process.tell({ kind: "begin", service: "back", env: {}, reportsLoad: true })
    await expect.poll(() => told, { timeout: 30_000 }).toContain("waiting")
    expect(told).not.toContain("load")
    await writeFile(join(folder, "modules/back/go"), "")
    await expect.poll(() => told, { timeout: 30_000 }).toContain("load")
    expect(told.indexOf("ready")).toBeLessThan(told.indexOf("load"))
  },
)
