import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, onTestFinished, test, vi } from "vitest"
import { backModule, busyProject } from "../testing/busy-project.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { isAlive } from "../is-alive.ts"
import { runDev } from "../testing/running-dev.ts"
import { createTraffic } from "../testing/traffic.ts"
import { scalingOf } from "./scaling.ts"

test("a service grows with its load and shrinks without it, and no request is lost", { timeout: 120_000 }, async () => {
  const folder = await projectWith(busyProject('{ back: { modules: ["back"], replicas: { min: 1, max: 3 } } }'))
  vi.stubEnv("HANOK_SCALE_OUT_AFTER_MS", "1000").stubEnv("HANOK_SCALE_IN_AFTER_MS", "2000")
  onTestFinished(() => void vi.unstubAllEnvs())
  const dev = await runDev(folder, "--no-watch")
  const changes = (change: string) => dev.news.filter((news) => news.change === change).map(({ replica }) => replica)
  const heavy = createTraffic(`${dev.facts.gatewayUrl}/version?spinMs=20`)
  onTestFinished(() => heavy.stop())
  await expect.poll(() => changes("ready"), { timeout: 60_000 }).toContain("back.2")
  expect(dev.news[0]).toMatchObject({
    change: "starting",
    service: "back",
    reason: expect.stringMatching(/scaled out to \d: \d+ % busy, 65 % is the aim/),
  })
  await expect.poll(() => heavy.pids.size, { timeout: 60_000 }).toBeGreaterThan(1)
  await heavy.stop()
  const light = createTraffic(`${dev.facts.gatewayUrl}/version?waitMs=200`, 2)
  onTestFinished(() => light.stop())
  await expect.poll(() => changes("ended").length, { timeout: 60_000 }).toBeGreaterThan(0)
  await expect.poll(() => changes("ended").length, { timeout: 60_000 }).toBe(changes("ready").length)
  await light.stop()
  // What is too much for the moment may be told so; nothing else goes wrong, and with little load nothing at all.
  expect([...heavy.answers.keys()].filter((answer) => answer !== "OVERLOADED")).toEqual(["1"])
  expect([...light.answers.keys()]).toEqual(["1"])
  expect(dev.facts.pids.every(isAlive)).toBe(true)
})

test("a new version begins with as many replicas as the one before has come to", { timeout: 120_000 }, async () => {
  const folder = await projectWith(busyProject('{ back: { modules: ["back"], replicas: { min: 1, max: 2 } } }'))
  vi.stubEnv("HANOK_SCALE_OUT_AFTER_MS", "1000").stubEnv("HANOK_SCALE_IN_AFTER_MS", "100000")
  onTestFinished(() => void vi.unstubAllEnvs())
  const dev = await runDev(folder, "--no-watch")
  const ready = () => dev.news.filter(({ change }) => change === "ready")
  const heavy = createTraffic(`${dev.facts.gatewayUrl}/version?spinMs=20`)
  onTestFinished(() => heavy.stop())
  await expect.poll(ready, { timeout: 60_000 }).toMatchObject([{ replica: "back.2" }])
  await heavy.stop()
  dev.signal("SIGHUP")
  await dev.said("reloaded")
  const replicas = () => ready().flatMap(({ reason, replica }) => (reason === "asked to by SIGHUP" ? replica : []))
  await expect.poll(() => replicas().toSorted()).toEqual(["back.1", "back.2", "main"])
})

test(
  "what serves is scaled, too, while a new version does not come to the end of reading its configuration",
  { timeout: 120_000 },
  async () => {
    const folder = await projectWith(busyProject('{ back: { modules: ["back"], replicas: { min: 1, max: 2 } } }'))
    vi.stubEnv("HANOK_SCALE_OUT_AFTER_MS", "1000").stubEnv("HANOK_SCALE_IN_AFTER_MS", "100000")
    onTestFinished(() => void vi.unstubAllEnvs())
    const dev = await runDev(folder)
    await writeFile(join(folder, "modules/front/module.ts"), "await new Promise(() => undefined)\nexport const frontModule = 1")
    await dev.said("module.ts has changed")
    const heavy = createTraffic(`${dev.facts.gatewayUrl}/version?spinMs=20`)
    onTestFinished(() => heavy.stop())
    await dev.said("back.2 is starting: scaled out to 2")
  },
)

test("of too many replicas those leave first that do not serve, and no request is lost", { timeout: 120_000 }, async () => {
  const folder = await projectWith(busyProject('{ back: { modules: ["back"], replicas: { min: 1, max: 2 } } }'))
  vi.stubEnv("HANOK_SCALE_OUT_AFTER_MS", "1000").stubEnv("HANOK_SCALE_IN_AFTER_MS", "5000")
  onTestFinished(() => void vi.unstubAllEnvs())
  const dev = await runDev(folder, "--no-watch")
  const came = (replica: string, change: string) => dev.news.filter((news) => news.replica === replica && news.change === change)
  const heavy = createTraffic(`${dev.facts.gatewayUrl}/version?spinMs=20`)
  onTestFinished(() => heavy.stop())
  await expect.poll(() => came("back.2", "ready"), { timeout: 60_000 }).toHaveLength(1)
  await expect.poll(() => heavy.pids.size, { timeout: 60_000 }).toBe(2)
  const first = [...heavy.pids.keys()].find((pid) => pid !== came("back.2", "ready")[0]?.pid)
  await writeFile(join(folder, "modules/back/module.ts"), 'throw new Error("not today")')
  process.kill(Number(first), "SIGKILL")
  await dev.said("back.1 does not start")
  await heavy.stop()
  await expect
    .poll(() => dev.news.filter(({ reason }) => reason.startsWith("scaled in to 1")).length, { timeout: 60_000 })
    .toBeGreaterThan(0)
  const light = createTraffic(`${dev.facts.gatewayUrl}/version?waitMs=200`, 2)
  onTestFinished(() => light.stop())
  await expect.poll(() => light.answers.get("1") ?? 0, { timeout: 60_000 }).toBeGreaterThan(20)
  await light.stop()
  expect([...light.answers.keys()]).toEqual(["1"])
})

test(
  "a service whose only replica does nothing more, as in an endless loop, gets another one, which answers",
  { timeout: 120_000 },
  async () => {
    const folder = await projectWith(busyProject('{ back: { modules: ["back"], replicas: { min: 1, max: 2 } } }'))
    vi.stubEnv("HANOK_SCALE_OUT_AFTER_MS", "1000").stubEnv("HANOK_SCALE_IN_AFTER_MS", "2000")
    onTestFinished(() => void vi.unstubAllEnvs())
    const dev = await runDev(folder, "--no-watch")
    const answeredBy = async () => {
      const response = await fetch(`${dev.facts.gatewayUrl}/version`)
      // What the project's contract says, where it is an answer.
      return ((await response.json()) as { readonly pid?: number }).pid
    }
    process.kill(Number(await answeredBy()), "SIGSTOP")
    await dev.said("back.2 is starting: scaled out to 2")
    const other = () => dev.news.find(({ replica, change }) => replica === "back.2" && change === "ready")?.pid
    await expect.poll(other, { timeout: 60_000 }).toBeDefined()
    await expect.poll(answeredBy, { timeout: 60_000 }).toBe(other())
  },
)

test("a replica that cannot start is told of and tried again, and serves when it can", { timeout: 120_000 }, async () => {
  const folder = await projectWith(busyProject('{ back: { modules: ["back"], replicas: { min: 1, max: 2 } } }'))
  vi.stubEnv("HANOK_SCALE_OUT_AFTER_MS", "1000").stubEnv("HANOK_SCALE_IN_AFTER_MS", "100000")
  onTestFinished(() => void vi.unstubAllEnvs())
  const dev = await runDev(folder, "--no-watch")
  await writeFile(join(folder, "modules/back/module.ts"), 'throw new Error("not today")')
  const heavy = createTraffic(`${dev.facts.gatewayUrl}/version?spinMs=20`)
  onTestFinished(() => heavy.stop())
  await dev.said("back.2 does not start")
  await writeFile(join(folder, "modules/back/module.ts"), backModule("2"))
  await expect.poll(() => heavy.answers.get("2") ?? 0, { timeout: 60_000 }).toBeGreaterThan(0)
})

test("the settings come from the environment, and what is not understood is named", () => {
  expect(scalingOf({ HANOK_SCALE_TARGET: "0.8", HANOK_SCALE_IN_AFTER_MS: "" })).toMatchObject({ target: 0.8, inAfterMs: 30_000 })
  expect(() => scalingOf({ HANOK_SCALE_TARGET: "80 %" })).toThrow('HANOK_SCALE_TARGET is "80 %".')
})
