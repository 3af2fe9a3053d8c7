import { existsSync } from "node:fs"
import { readdir, writeFile } from "node:fs/promises"
import { enableCompileCache } from "node:module"
import { join } from "node:path"
import { expect, onTestFinished, test, vi } from "vitest"
import { backModule, busyProject } from "../testing/busy-project.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { ServiceProcess } from "./service-process.ts"
import { Standby } from "./standby.ts"

/** Busy until it is let go on. */
const busyUntilGo = `
import { existsSync, writeFileSync } from "node:fs"
writeFileSync(new URL("reads", import.meta.url), "")
while (!existsSync(new URL("go", import.meta.url)));
`

/** Whatever else runs on this machine. */
const idle = () => 1

/** The five seconds until anything is done are over at once; what processes take is real. */
async function prepared(standby: Standby, replicas: number): Promise<void> {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  standby.prepare(replicas)
  await vi.advanceTimersByTimeAsync(5_000)
  vi.useRealTimers()
}

/** All that are made end with the test. */
function processesOf(folder: string) {
  const made: ServiceProcess[] = []
  onTestFinished(() => made.forEach((process) => process.kill()))
  const make = () => {
    const process = new ServiceProcess(join(folder, "hanok.config.ts"), globalThis.process.env)
    made.push(process)
    return process
  }
  return { made, make }
}

test("none is started any more when the last one tells, while it is being stopped, that it has read", { timeout: 60_000 }, async () => {
  const folder = await projectWith({ ...busyProject("{}"), "modules/back/module.ts": `${backModule("1")}${busyUntilGo}` })
  const { made, make } = processesOf(folder)
  // It is told to stop as it always is, but gets the time to tell, also where it hardly gets a processor.
  const makePatient = () => {
    const process = make()
    const stop = process.stop.bind(process)
    process.stop = () => stop({ graceMs: 30_000 })
    return process
  }
  const standby = new Standby(makePatient, () => undefined, idle)
  // So many need more than one.
  await prepared(standby, 16)
  await expect.poll(() => existsSync(join(folder, "modules/back/reads")), { timeout: 30_000 }).toBe(true)
  const closed = standby.close()
  await writeFile(join(folder, "modules/back/go"), "")
  await closed
  expect(made.map(({ isLoaded }) => isLoaded)).toEqual([true])
})

test("when there are fewer replicas, fewer stand by", { timeout: 60_000 }, async () => {
  const folder = await projectWith(busyProject("{}"))
  const { made, make } = processesOf(folder)
  const standby = new Standby(make, () => undefined, idle)
  await prepared(standby, 16)
  await expect.poll(() => made.map(({ isLoaded }) => isLoaded), { timeout: 30_000 }).toEqual([true, true])
  await prepared(standby, 8)
  await made[1]?.ended
  expect([standby.take(), standby.take()]).toEqual([made[0], undefined])
  await standby.close()
})

test("what one that stands by has compiled is there for the next one, also when it is killed", { timeout: 60_000 }, async () => {
  const folder = await projectWith(busyProject("{}"))
  const cache = join(folder, "cache")
  // As the command does; its processes use the same.
  enableCompileCache(cache)
  const process = new ServiceProcess(join(folder, "hanok.config.ts"), globalThis.process.env)
  onTestFinished(() => process.kill())
  const kept = async () => (await readdir(cache, { recursive: true })).length
  await expect.poll(kept, { timeout: 30_000 }).toBeGreaterThan(100)
})

test("one that cannot read the configuration any more, and is ended for that, takes no place", { timeout: 60_000 }, async () => {
  const folder = await projectWith({ ...busyProject("{}"), "modules/back/module.ts": 'throw new Error("not today")' })
  const taken: (ServiceProcess | undefined)[] = []
  const make = () => {
    const process = new ServiceProcess(join(folder, "hanok.config.ts"), globalThis.process.env)
    const kill = process.kill.bind(process)
    onTestFinished(kill)
    // A replica crashes in that very moment.
    process.kill = () => {
      kill()
      taken.push(standby.take())
    }
    return process
  }
  const standby: Standby = new Standby(make, () => undefined, idle)
  await prepared(standby, 8)
  await expect.poll(() => taken, { timeout: 50_000 }).toEqual([undefined])
  standby.kill()
})

test("where there is but one replica none stands by", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  onTestFinished(() => void vi.useRealTimers())
  const { made, make } = processesOf(await projectWith(busyProject("{}")))
  const standby = new Standby(make, () => undefined)
  standby.prepare(1)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(made).toEqual([])
})

test(
  "none is started while those that serve leave nothing of the processors, for twenty seconds at most",
  { timeout: 60_000 },
  async () => {
    const folder = await projectWith(busyProject("{}"))
    const { made, make } = processesOf(folder)
    let idleShare = 0.05
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const standby = new Standby(
      make,
      () => undefined,
      () => idleShare,
    )
    onTestFinished(() => {
      vi.useRealTimers()
      standby.kill()
    })
    standby.prepare(8)
    await vi.advanceTimersByTimeAsync(10_500)
    expect(made).toHaveLength(0)
    idleShare = 0.2
    await vi.advanceTimersByTimeAsync(1_000)
    expect(made).toHaveLength(1)
    idleShare = 0
    standby.take()?.kill()
    standby.prepare(8)
    await vi.advanceTimersByTimeAsync(19_500)
    expect(made).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(made).toHaveLength(2)
  },
)
