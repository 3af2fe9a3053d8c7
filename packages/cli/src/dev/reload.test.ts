import { existsSync } from "node:fs"
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, onTestFinished, test } from "vitest"
import { backModule, busyProject } from "../testing/busy-project.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { isAlive } from "../is-alive.ts"
import { runDev, spawnDev } from "../testing/running-dev.ts"
import { createTraffic } from "../testing/traffic.ts"

const topologies = [
  { name: "one process", services: "{}" },
  { name: "a gateway and two services", services: '{ front: { modules: ["front"] }, back: { modules: ["back"], replicas: 2 } }' },
]

for (const { name, services } of topologies) {
  test(`no request fails while new versions take over in ${name}`, { timeout: 120_000 }, async () => {
    const folder = await projectWith(busyProject(services))
    const dev = await runDev(folder)
    const traffic = createTraffic(`${dev.facts.gatewayUrl}/version?waitMs=5`)
    onTestFinished(() => traffic.stop())
    const answered = (version: string) => expect.poll(() => traffic.answers.get(version) ?? 0, { timeout: 60_000 }).toBeGreaterThan(20)
    await answered("1")
    for (const version of ["2", "3"]) {
      await writeFile(join(folder, "modules/back/module.ts"), backModule(version))
      await answered(version)
    }
    const slow = fetch(`${dev.facts.gatewayUrl}/version?waitMs=4000`)
    dev.signal("SIGHUP")
    await dev.said("reloaded", 3)
    await expect.poll(() => dev.facts.pids.some(isAlive), { timeout: 60_000 }).toBe(false)
    await traffic.stop()
    expect((await slow).status).toBe(200)
    expect([...traffic.answers.keys()].toSorted()).toEqual(["1", "2", "3"])
  })
}

test("a module in another package of the workspace takes over when it changes", { timeout: 120_000 }, async () => {
  const project = busyProject("{}")
  const within = (place: string) => Object.fromEntries(Object.entries(project).map(([path, text]) => [`${place}/${path}`, text]))
  const folder = await projectWith({
    ...within("packages/busy"),
    "app/package.json": '{ "name": "app", "type": "module", "dependencies": { "busy": "*" } }',
    "app/hanok.config.ts": 'export { default } from "busy/hanok.config.ts"\n',
  })
  await mkdir(join(folder, "app/node_modules"))
  await symlink(join(folder, "packages/busy"), join(folder, "app/node_modules/busy"))
  const dev = await runDev(join(folder, "app"))
  const version = async () => ((await (await fetch(`${dev.facts.gatewayUrl}/version`)).json()) as { version: string }).version
  expect(await version()).toBe("1")
  await writeFile(join(folder, "packages/busy/modules/back/module.ts"), backModule("2"))
  await expect.poll(version, { timeout: 60_000 }).toBe("2")
})

test("no request fails while a module moves out, to another service and back", { timeout: 120_000 }, async () => {
  const folder = await projectWith(busyProject("{}"))
  const dev = await runDev(folder)
  const traffic = createTraffic(`${dev.facts.gatewayUrl}/version?waitMs=5`, 4)
  onTestFinished(() => traffic.stop())
  const moves = ['{ back: { modules: ["back"], replicas: 2 } }', '{ far: { modules: ["back"] } }', "{}"]
  for (const [index, services] of moves.entries()) {
    await writeFile(join(folder, "hanok.config.ts"), busyProject(services)["hanok.config.ts"] ?? expect.fail())
    await dev.said("reloaded", index + 1)
    const known = traffic.answers.get("1") ?? 0
    await expect.poll(() => traffic.answers.get("1"), { timeout: 20_000 }).toBeGreaterThan(known + 20)
  }
  await traffic.stop()
  expect([...traffic.answers.keys()]).toEqual(["1"])
})

test("no request fails while versions are asked for faster than they can take over", { timeout: 120_000 }, async () => {
  const folder = await projectWith(busyProject("{}"))
  const dev = await runDev(folder)
  const traffic = createTraffic(`${dev.facts.gatewayUrl}/version?waitMs=5`)
  onTestFinished(() => traffic.stop())
  // Some of them come when the one before has just let the first requests in.
  for (let pauseMs = 200; pauseMs < 1_000; pauseMs += 100) {
    const known = traffic.pids.size
    dev.signal("SIGHUP")
    await sleep(pauseMs)
    dev.signal("SIGHUP")
    await expect.poll(() => traffic.pids.size, { timeout: 30_000, interval: 1 }).toBeGreaterThan(known)
  }
  await traffic.stop()
  expect([...traffic.answers.keys()]).toEqual(["1"])
})

test("a request that takes longer than half a minute is answered by the version to which it came", { timeout: 120_000 }, async () => {
  const files = Object.entries(busyProject('{ back: { modules: ["back"] } }'))
  const patient = files.map(([path, text]) => [path, text.replace("version: query({", "version: query({\n    timeoutMs: 90_000,")])
  const dev = await runDev(await projectWith(Object.fromEntries(patient)), "--no-watch")
  const asked = fetch(`${dev.facts.gatewayUrl}/version?waitMs=45000`).then(async (response) => response.json())
  const quick = await fetch(`${dev.facts.gatewayUrl}/version`)
  expect(quick.status).toBe(200)
  dev.signal("SIGHUP")
  await dev.said("reloaded")
  expect(dev.facts.pids).toContain(((await asked) as { pid: number }).pid)
})

test("a version that does not start leaves the one before serving, and is told of once", { timeout: 60_000 }, async () => {
  const folder = await projectWith(busyProject("{}"))
  const dev = await runDev(folder)
  const traffic = createTraffic(`${dev.facts.gatewayUrl}/version`)
  onTestFinished(() => traffic.stop())
  await writeFile(join(folder, "modules/back/module.ts"), "export const backModule = {")
  await dev.said("The new version does not start; the one before goes on serving.")
  expect(dev.notices.join("\n")).toContain("hanok.config.ts cannot be loaded")
  await writeFile(join(folder, "modules/back/module.ts"), 'throw new Error("not today")\nexport const backModule = 1')
  await dev.said("not today")
  await writeFile(join(folder, "modules/back/module.ts"), "process.exit(7)\nexport const backModule = 1")
  await dev.said("its process ended (exit code 7)")
  expect(dev.facts.pids.every(isAlive)).toBe(true)
  await writeFile(join(folder, "modules/back/module.ts"), backModule("2"))
  await expect.poll(() => traffic.answers.get("2") ?? 0, { timeout: 20_000 }).toBeGreaterThan(0)
  await traffic.stop()
  expect([...traffic.answers.keys()].toSorted()).toEqual(["1", "2"])
})

test(
  "a version that does not come to the end of reading its configuration is told of, and the next one takes its place",
  { timeout: 60_000 },
  async () => {
    const folder = await projectWith(busyProject("{}"))
    const dev = await runDev(folder)
    await writeFile(join(folder, "modules/back/module.ts"), "await new Promise(() => undefined)\nexport const backModule = 1")
    await dev.said("hanok.config.ts is still being read")
    expect(dev.facts.pids.every(isAlive)).toBe(true)
    await writeFile(join(folder, "modules/back/module.ts"), backModule("2"))
    await dev.said("reloaded")
  },
)

test("a version that is stopped before its gateway takes connections is not said to be reloaded", { timeout: 60_000 }, async () => {
  const folder = await projectWith(busyProject("{}"))
  const dev = await runDev(folder)
  await writeFile(join(folder, "modules/back/module.ts"), `${backModule("2")}${stuckWhenOpened}`)
  await dev.said("main is ready")
  dev.signal("SIGINT")
  expect(await dev.ended).toBe(0)
  expect(dev.notices.filter((line) => line.endsWith("reloaded"))).toEqual([])
})

test("a version whose gateway never comes to take connections is replaced together with the one before", { timeout: 90_000 }, async () => {
  const folder = await projectWith(busyProject("{}"))
  const dev = await runDev(folder)
  await writeFile(join(folder, "modules/back/module.ts"), `${backModule("2")}${stuckWhenOpened}`)
  await dev.said("main is ready")
  await writeFile(join(folder, "modules/back/module.ts"), backModule("3"))
  await dev.said("reloaded")
  await expect.poll(() => dev.facts.pids.filter(isAlive), { timeout: 30_000 }).toEqual([])
  expect(dev.notices.filter((line) => line.endsWith("reloaded"))).toHaveLength(1)
})

test(
  "a new version of which a process cannot start again before its gateway takes connections is given up",
  { timeout: 60_000 },
  async () => {
    const project = busyProject('{ back: { modules: ["back"] } }')
    const front = project["modules/front/module.ts"]
    const folder = await projectWith(project)
    const dev = await runDev(folder, "--no-watch")
    await writeFile(join(folder, "modules/front/module.ts"), `${front}${tellsWhenOpened}${stuckWhenOpened}`)
    dev.signal("SIGHUP")
    await expect.poll(() => existsSync(join(folder, "opens")), { timeout: 30_000 }).toBe(true)
    await writeFile(join(folder, "modules/back/module.ts"), 'throw new Error("not today")')
    const back = dev.news.find(({ service, change }) => service === "back" && change === "ready")
    process.kill(Number(back?.pid), "SIGKILL")
    await dev.said("The new version does not start; the one before goes on serving.")
    expect((await fetch(`${dev.facts.gatewayUrl}/version`, { headers: { connection: "close" } })).status).toBe(200)
  },
)

test("a gateway that leaves soon after its start takes no new connections while it finishes what it has", { timeout: 90_000 }, async () => {
  const folder = await projectWith({ ...busyProject("{}"), "modules/back/module.ts": `${backModule("1")}${waitsForGo}` })
  const dev = await runDev(folder, "--no-watch")
  const inFolder = (name: string) => join(folder, name)
  await writeFile(inFolder("wait"), "")
  dev.signal("SIGHUP")
  await expect.poll(() => existsSync(inFolder("waits")), { timeout: 20_000 }).toBe(true)
  await rm(inFolder("wait"))
  // The version that serves gets a process that is young when the next one takes over.
  for (const pid of dev.facts.pids) process.kill(pid, "SIGKILL")
  const ready = (reason: string) => dev.news.find((news) => news.change === "ready" && news.reason === reason)
  await expect.poll(() => ready("after a crash"), { timeout: 20_000, interval: 5 }).toBeDefined()
  const slow = fetch(`${dev.facts.gatewayUrl}/version?waitMs=3000`)
  await sleep(100)
  await writeFile(inFolder("go"), "")
  await dev.said("reloaded")
  await sleep(300)
  const traffic = createTraffic(`${dev.facts.gatewayUrl}/version`)
  onTestFinished(() => traffic.stop())
  expect((await slow).status).toBe(200)
  expect([...traffic.pids.keys()]).toEqual([ready("asked to by SIGHUP")?.pid])
})

const tellsWhenOpened = `
import { writeFileSync } from "node:fs"
process.on("message", ({ kind }) => { if (kind === "open") writeFileSync("opens", "") })
`
const stuckWhenOpened = 'process.on("message", ({ kind }) => { while (kind === "open"); })'

const waitsForGo = `
import { existsSync, writeFileSync } from "node:fs"
if (existsSync("wait")) {
  writeFileSync("waits", "")
  while (!existsSync("go")) await sleep(5)
}
`

test(
  "a new version takes over when all of it serves, also when a process of it crashes on the way there",
  { timeout: 90_000 },
  async () => {
    const project = busyProject('{ front: { modules: ["front"] }, back: { modules: ["back"] } }')
    const held = ["front", "back"].map((name) => {
      const file = `modules/${name}/module.ts`
      return [file, heldWhile(`held-${name}`) + project[file]?.replace("  handlers:", "  needs: { hold },\n  handlers:")]
    })
    const folder = await projectWith({ ...project, ...Object.fromEntries(held) })
    const hold = (name: string) => join(folder, `held-${name}`)
    const dev = await runDev(folder, "--no-watch")
    const traffic = createTraffic(`${dev.facts.gatewayUrl}/version?waitMs=5`)
    onTestFinished(() => traffic.stop())
    const came = (service: string, change: string) => dev.news.find((news) => news.service === service && news.change === change)
    const comes = (service: string, change: string) => expect.poll(() => came(service, change), { timeout: 20_000 }).toBeDefined()
    await writeFile(hold("front"), "")
    dev.signal("SIGHUP")
    await comes("back", "ready")
    await writeFile(hold("back"), "")
    process.kill(Number(came("back", "ready")?.pid), "SIGKILL")
    await comes("back", "crashed")
    await rm(hold("front"))
    await comes("front", "ready")
    const answered = traffic.answers.get("1") ?? 0
    await expect.poll(() => traffic.answers.get("1"), { timeout: 20_000 }).toBeGreaterThan(answered + 200)
    expect(dev.notices.some((line) => line.endsWith("reloaded"))).toBe(false)
    await rm(hold("back"))
    await dev.said("reloaded")
    await traffic.stop()
    expect([...traffic.answers.keys()]).toEqual(["1"])
  },
)

test(
  "a new version of which a process has served, and cannot start again before all of it serves, is given up",
  { timeout: 60_000 },
  async () => {
    const project = busyProject('{ front: { modules: ["front"] }, back: { modules: ["back"] } }')
    const front = project["modules/front/module.ts"]?.replace("  handlers:", "  needs: { hold },\n  handlers:")
    const folder = await projectWith({ ...project, "modules/front/module.ts": heldWhile("held") + front })
    const dev = await runDev(folder, "--no-watch")
    await writeFile(join(folder, "held"), "")
    dev.signal("SIGHUP")
    const came = (wanted: string) => dev.news.find(({ service, change }) => service === "back" && change === wanted)
    await expect.poll(() => came("ready"), { timeout: 20_000 }).toBeDefined()
    await writeFile(join(folder, "modules/back/module.ts"), 'throw new Error("not today")')
    process.kill(Number(came("ready")?.pid), "SIGKILL")
    await dev.said("The new version does not start; the one before goes on serving.")
    expect((await fetch(`${dev.facts.gatewayUrl}/version`, { headers: { connection: "close" } })).status).toBe(200)
  },
)

test(
  "while a new version starts it is told how much of it is ready, and not that the one before serves less",
  { timeout: 120_000 },
  async () => {
    const project = busyProject('{ back: { modules: ["back"] } }')
    const held = heldWhile("held") + backModule("1").replace("  handlers:", "  needs: { hold },\n  handlers:")
    const folder = await projectWith({ ...project, "modules/back/module.ts": held })
    const dev = await runDev(folder, "--no-watch")
    await writeFile(join(folder, "held"), "")
    const before = dev.notices.length
    dev.signal("SIGHUP")
    await dev.said("1 of 2 processes of the new version are ready; the version before goes on")
    expect(dev.notices.slice(before).filter((line) => line.includes("processes serve"))).toEqual([])
    expect((await fetch(`${dev.facts.gatewayUrl}/version`, { headers: { connection: "close" } })).status).toBe(200)
    await rm(join(folder, "held"))
    await dev.said("reloaded")
  },
)

test("what changes while it starts is in what serves soon after", { timeout: 60_000 }, async () => {
  const project = busyProject("{}")
  const held = (version: string) => heldWhile("held") + backModule(version).replace("  handlers:", "  needs: { hold },\n  handlers:")
  const folder = await projectWith({ ...project, held: "", "modules/back/module.ts": held("1") })
  const dev = spawnDev(folder)
  // It has been read.
  await dev.said("main waits")
  await writeFile(join(folder, "modules/back/module.ts"), held("2"))
  // It has been seen.
  await sleep(500)
  await rm(join(folder, "held"))
  const { gatewayUrl } = await dev.facts
  await dev.said("reloaded")
  expect(await (await fetch(`${gatewayUrl}/version`, { headers: { connection: "close" } })).json()).toMatchObject({ version: "2" })
})

test("a first version that never serves is replaced by the next one", { timeout: 60_000 }, async () => {
  const folder = await projectWith({
    ...busyProject("{}"),
    held: "",
    "modules/back/module.ts": heldWhile("held") + backModule("1").replace("  handlers:", "  needs: { hold },\n  handlers:"),
  })
  const dev = spawnDev(folder)
  await dev.said("main waits")
  await writeFile(join(folder, "modules/back/module.ts"), "export const backModule = {")
  await dev.said("The new version does not start; the one before goes on.")
  await writeFile(join(folder, "modules/back/module.ts"), backModule("2"))
  const { gatewayUrl, pids } = await dev.facts
  expect(await (await fetch(`${gatewayUrl}/version`, { headers: { connection: "close" } })).json()).toMatchObject({ version: "2" })
  expect(pids).toHaveLength(1)
})

test("a first version whose configuration is never read to its end is replaced by the next one", { timeout: 60_000 }, async () => {
  const folder = await projectWith({
    ...busyProject("{}"),
    "modules/back/module.ts": "await new Promise(() => undefined)\nexport const backModule = 1",
  })
  const dev = spawnDev(folder)
  await dev.said("hanok.config.ts is still being read: the machine has little time for it, or something at the top level")
  await writeFile(join(folder, "modules/back/module.ts"), "await new Promise(() => undefined)\nexport const backModule = 2")
  await dev.said("hanok.config.ts is still being read", 2)
  expect(dev.notices.filter((line) => line.includes("serving"))).toEqual([])
  await writeFile(join(folder, "modules/back/module.ts"), backModule("2"))
  const { gatewayUrl } = await dev.facts
  expect(await (await fetch(`${gatewayUrl}/version`, { headers: { connection: "close" } })).json()).toMatchObject({ version: "2" })
})

test("a first version that cannot start while the next one does is replaced by that", { timeout: 60_000 }, async () => {
  const waits = `import { existsSync, writeFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
writeFileSync("waits", "")
while (!existsSync("go")) await sleep(5)
throw new Error("half of it")
export const backModule = 1
`
  const folder = await projectWith({ ...busyProject("{}"), "modules/back/module.ts": waits })
  const dev = spawnDev(folder)
  await expect.poll(() => existsSync(join(folder, "waits")), { timeout: 20_000 }).toBe(true)
  await writeFile(join(folder, "modules/back/module.ts"), backModule("2"))
  await dev.said("module.ts has changed")
  await writeFile(join(folder, "go"), "")
  const { gatewayUrl } = await dev.facts
  expect(await (await fetch(`${gatewayUrl}/version`, { headers: { connection: "close" } })).json()).toMatchObject({ version: "2" })
})

test("when neither the first version nor the next one starts, it is told once why, and all ends", { timeout: 60_000 }, async () => {
  const folder = await projectWith({
    ...busyProject("{}"),
    "modules/back/module.ts": `import { existsSync, writeFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
const isFirst = !existsSync("first")
if (isFirst) writeFileSync("first", String(process.pid))
else writeFileSync("second", "")
while (!existsSync(isFirst ? "go" : "go on")) await sleep(5)
throw new Error(isFirst ? "not today" : "nor tomorrow")
export const backModule = 1
`,
  })
  const dev = spawnDev(folder)
  const comes = (file: string) => expect.poll(() => existsSync(join(folder, file)), { timeout: 20_000 }).toBe(true)
  await comes("first")
  dev.signal("SIGHUP")
  await comes("second")
  await writeFile(join(folder, "go"), "")
  // It has told why.
  const first = Number(await readFile(join(folder, "first"), "utf8"))
  await expect.poll(() => isAlive(first)).toBe(false)
  await writeFile(join(folder, "go on"), "")
  expect(await dev.ended).toBe(2)
  const said = dev.notices.join("\n")
  expect(said).toContain("nor tomorrow")
  expect(said).not.toContain("goes on")
})

/** A need that is not ready as long as there is a file of that name. */
function heldWhile(name: string): string {
  return `import { existsSync } from "node:fs"
const ready = async () => {
  if (existsSync(${JSON.stringify(name)})) throw new Error("held")
}
const hold = { kind: "adapter", technology: "file", create: async () => ({ port: {}, ready }) } as const
`
}
