import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { getPriority } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { expect, onTestFinished, test, vi } from "vitest"
import { busyProject } from "../testing/busy-project.ts"
import { childrenOf, traceStoreOf } from "../testing/children-of.ts"
import { databaseProject } from "../testing/database-project.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { isAlive } from "../is-alive.ts"
import { readFacts } from "./announce.ts"
import { runDev, spawnDev } from "../testing/running-dev.ts"
import { sendTwice } from "../testing/send-twice.ts"

const limits = { timeout: 120_000 }
const cluster = ".hanok/postgres/cluster/data"

test("a PostgreSQL that is killed is started again, and keeps what was committed", limits, async () => {
  const folder = await projectWith(databaseProject)
  const dev = await runDev(folder)
  expect(await count(dev.facts.gatewayUrl)).toBe(1)
  for (const expected of [2, 3]) {
    process.kill(await postgresIn(folder), "SIGKILL")
    await dev.said("PostgreSQL is up again", expected - 1)
    await expect.poll(() => count(dev.facts.gatewayUrl), { timeout: 30_000 }).toBe(expected)
  }
  expect(dev.facts.pids.every(isAlive)).toBe(true)
  const postgres = await postgresIn(folder)
  dev.signal("SIGINT")
  expect(await dev.ended).toBe(0)
  expect([...dev.facts.pids, postgres].filter(isAlive)).toEqual([])
})

test("a PostgreSQL that does not start again is tried ever more rarely, and Ctrl-C ends that too", limits, async () => {
  const folder = await projectWith(databaseProject)
  const dev = await runDev(folder)
  await writeFile(join(folder, cluster, "PG_VERSION"), "9.6\n")
  process.kill(await postgresIn(folder), "SIGKILL")
  await dev.said("failed 2 times in a row")
  expect(dev.notices.join("\n")).toContain("was made by PostgreSQL 9.6")
  dev.signal("SIGINT")
  expect(await dev.ended).toBe(0)
  expect(dev.facts.pids.filter(isAlive)).toEqual([])
})

test("a service that cannot start any more is tried ever more rarely, and SIGTERM ends that too", limits, async () => {
  const folder = await projectWith(busyProject('{ back: { modules: ["back"] } }'))
  const dev = await runDev(folder, "--no-watch")
  await writeFile(join(folder, "modules/back/module.ts"), 'throw new Error("broken")')
  for (const pid of dev.facts.pids) process.kill(pid, "SIGKILL")
  await dev.said("failed 3 times in a row")
  expect(dev.news.filter(({ change }) => change === "failed").map(({ replica }) => replica)).toContain("back")
  dev.signal("SIGTERM")
  expect(await dev.ended).toBe(0)
  expect(dev.news.flatMap(({ pid }) => pid ?? []).filter(isAlive)).toEqual([])
})

test(
  "the place of a service that is killed is taken by a process that stood by and goes before those that serve, and the next one stands by then",
  limits,
  async () => {
    const folder = await projectWith(busyProject('{ back: { modules: ["back"] } }'))
    const dev = await runDev(folder, "--no-watch")
    const known = new Set(await childrenOf(dev.pid))
    let [victim] = dev.facts.pids
    const given = () => dev.facts.pids.map((pid) => getPriority(pid) - getPriority())
    await expect.poll(given, { timeout: 30_000 }).toEqual(dev.facts.pids.map(() => 5))
    for (const round of [1, 2]) {
      const standby = await newChildOf(dev.pid, known)
      expect(getPriority(standby)).toBe(getPriority())
      if (victim) process.kill(victim, "SIGKILL")
      const again = () => dev.news.filter(({ reason, change }) => reason === "after a crash" && change === "ready")
      await expect.poll(() => again().length, { timeout: 30_000 }).toBe(round)
      expect(again().at(-1)?.pid).toBe(standby)
      known.add(standby)
      victim = standby
    }
    const standby = await newChildOf(dev.pid, known)
    dev.signal("SIGTERM")
    expect(await dev.ended).toBe(0)
    expect([standby, ...dev.news.flatMap(({ pid }) => pid ?? [])].filter(isAlive)).toEqual([])
  },
)

test("a process that stands by and dies is replaced, and one that is still reading the configuration is good enough", limits, async () => {
  const folder = await projectWith(busyProject('{ back: { modules: ["back"] } }'))
  const dev = await runDev(folder, "--no-watch")
  const known = new Set(await childrenOf(dev.pid))
  const first = await newChildOf(dev.pid, known)
  process.kill(first, "SIGKILL")
  known.add(first)
  const unknown = async () => (await childrenOf(dev.pid)).find((child) => !known.has(child))
  let second: number | undefined
  while ((second = await unknown()) === undefined) await sleep(5)
  const [victim] = dev.facts.pids
  if (victim) process.kill(victim, "SIGKILL")
  const again = () => dev.news.filter(({ reason, change }) => reason === "after a crash" && change === "ready")
  await expect.poll(again, { timeout: 30_000 }).toMatchObject([{ pid: second }])
  dev.signal("SIGTERM")
  expect(await dev.ended).toBe(0)
})

test("a process that dies while it starts for the first time is started again", limits, async () => {
  const diesOnce = `import { existsSync, writeFileSync } from "node:fs"
const create = async () => {
  if (!existsSync("died")) process.exit(writeFileSync("died", "") ?? 7)
  return { port: {} }
}
const mortal = { kind: "adapter", technology: "file", create } as const
`
  const project = busyProject("{}")
  const module = project["modules/back/module.ts"]?.replace("  handlers:", "  needs: { mortal },\n  handlers:")
  const folder = await projectWith({ ...project, "modules/back/module.ts": diesOnce + module })
  const dev = await runDev(folder, "--no-watch")
  await dev.said("main ended: exit code 7; started again in 100 ms")
  expect(await versionStatus(dev.facts.gatewayUrl)).toBe(200)
})

test("how many processes serve is told while the others take long to start", limits, async () => {
  // Not in the process that reads the configuration first.
  const slow = `import * as fs from "node:fs"
import * as timers from "node:timers/promises"
while (fs.existsSync("read") && !fs.existsSync("go")) await timers.setTimeout(50)
fs.writeFileSync("read", "")
`
  const project = busyProject('{ back: { modules: ["back"] } }')
  const folder = await projectWith({ ...project, "modules/back/module.ts": slow + project["modules/back/module.ts"] })
  const dev = spawnDev(folder, "--no-watch")
  await dev.said("1 of 2 processes serve; the others are starting")
  await writeFile(join(folder, "go"), "")
  const { gatewayUrl } = await dev.facts
  expect(await versionStatus(gatewayUrl)).toBe(200)
})

test.each(["SIGINT", "SIGHUP"])(
  "a replica that hears the %s meant for all of a terminal goes on until it is told to stop",
  limits,
  async (signal) => {
    const dev = await runDev(await projectWith(busyProject("{}")), "--no-watch")
    const slow = versionStatus(dev.facts.gatewayUrl, "?waitMs=1000")
    expect(await versionStatus(dev.facts.gatewayUrl)).toBe(200)
    for (const pid of dev.facts.pids) process.kill(pid, signal)
    expect(await slow).toBe(200)
    expect(await versionStatus(dev.facts.gatewayUrl)).toBe(200)
    expect(dev.news).toEqual([])
  },
)

test("a replica that somebody else tells to stop answers what is under way, and another one takes its place", limits, async () => {
  const dev = await runDev(await projectWith(busyProject("{}")), "--no-watch")
  const slow = versionStatus(dev.facts.gatewayUrl, "?waitMs=1000")
  expect(await versionStatus(dev.facts.gatewayUrl)).toBe(200)
  for (const pid of dev.facts.pids) process.kill(pid, "SIGTERM")
  expect(await slow).toBe(200)
  await dev.said("main ended: exit code 0")
  expect(await versionStatus(dev.facts.gatewayUrl)).toBe(200)
})

test("Ctrl-C in the middle of a start leaves no process behind", limits, async () => {
  const folder = await projectWith({
    ...busyProject("{}"),
    "modules/back/module.ts": "await new Promise(() => undefined)\nexport const backModule = 1",
  })
  const dev = spawnDev(folder)
  // One reads the configuration, and one keeps traces.
  await expect.poll(() => childrenOf(dev.pid), { timeout: 20_000 }).toHaveLength(2)
  const children = await childrenOf(dev.pid)
  dev.signal("SIGINT")
  expect(await dev.ended).toBe(0)
  expect(children.filter(isAlive)).toEqual([])
})

test("Ctrl-C while a database is being made starts nothing any more, and leaves no process behind", limits, async () => {
  const folder = await projectWith(databaseProject)
  const dev = spawnDev(folder)
  const unfinished = async () => (await readdir(join(folder, ".hanok/postgres")).catch(() => [])).filter((name) => name.startsWith(".new-"))
  await expect.poll(unfinished, { timeout: 20_000, interval: 5 }).toHaveLength(1)
  dev.signal("SIGINT")
  expect(await Promise.race([dev.ended, sleep(30_000, "it goes on")])).toBe(0)
})

test("what nobody reads any more ends as if it was told to", limits, async () => {
  const folder = await projectWith(busyProject("{}"))
  const bin = fileURLToPath(new URL("../../bin/hanok.mjs", import.meta.url))
  const child = spawn(process.execPath, [bin, "dev", "--port", "0"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] })
  onTestFinished(() => void child.kill("SIGKILL"))
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(code ?? signal)))
  const errors = text(child.stderr)
  const facts = () => readFile(join(folder, ".hanok/dev.json"), "utf8").catch(() => "")
  await expect.poll(facts, { timeout: 30_000 }).toContain("pids")
  // What `hanok dev` has written.
  const { pids } = JSON.parse(await facts()) as { pids: readonly number[] }
  child.stdout.destroy()
  child.kill("SIGHUP")
  expect(await ended).toBe(0)
  expect(await errors).toBe("")
  expect(pids.filter(isAlive)).toEqual([])
  expect(await facts()).toBe("")
})

test("facts that cannot be written are told of, and what runs goes on", limits, async () => {
  const folder = await projectWith(busyProject("{}"))
  const dev = await runDev(folder, "--no-watch")
  await rm(join(folder, ".hanok/dev.json"))
  await mkdir(join(folder, ".hanok/dev.json"))
  for (const pid of dev.facts.pids) process.kill(pid, "SIGKILL")
  await dev.said("its facts cannot be written")
  await rm(join(folder, ".hanok/dev.json"), { recursive: true })
  expect(await versionStatus(dev.facts.gatewayUrl)).toBe(200)
  dev.signal("SIGINT")
  expect(await dev.ended).toBe(0)
})

test("that the system has no watches left is told once, with what to do, and a reload can be asked for", limits, async () => {
  const folder = await projectWith({ ...busyProject("{}"), "scripts/a.ts": "", "without-watches.mjs": withoutWatches })
  vi.stubEnv("NODE_OPTIONS", `--import=${join(folder, "without-watches.mjs")}`)
  onTestFinished(() => void vi.unstubAllEnvs())
  const dev = await runDev(folder)
  expect(dev.notices.filter((line) => line.includes("ENOSPC"))).toEqual([
    "hanok        not every change is seen: the system has no room for more watches (ENOSPC)",
  ])
  await dev.said("  Raise fs.inotify.max_user_watches and start again; until then SIGHUP reloads.")
  dev.signal("SIGHUP")
  await dev.said("reloaded")
})

/** As on a machine on which other programs watch much: one is left. */
const withoutWatches = `import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
const { watch } = fs
let left = 1
fs.watch = (...all) => {
  if (left-- > 0) return watch(...all)
  throw Object.assign(new Error("ENOSPC: System limit for number of file watchers reached"), { code: "ENOSPC" })
}
syncBuiltinESMExports()
`

test("a Ctrl-C that comes twice, from the terminal and from npm, lets what is under way finish", limits, async () => {
  const dev = await runDev(await projectWith(busyProject("{}")))
  const { gatewayUrl } = dev.facts
  const slow = fetch(`${gatewayUrl}/version?waitMs=1500`)
  await fetch(`${gatewayUrl}/health/live`)
  sendTwice(dev.pid, "SIGINT")
  expect((await slow).status).toBe(200)
  expect(await dev.ended).toBe(0)
})

test("a second Ctrl-C ends at once what the first one waits for", limits, async () => {
  const folder = await projectWith(databaseProject)
  const dev = await runDev(folder)
  const postgres = await postgresIn(folder)
  for (const pid of dev.facts.pids) process.kill(pid, "SIGSTOP")
  dev.signal("SIGINT")
  await dev.said("Ctrl-C again")
  dev.signal("SIGINT")
  expect(await dev.ended).toBe(130)
  await expect.poll(() => [...dev.facts.pids, postgres].filter(isAlive), { timeout: 20_000 }).toEqual([])
})

test("what is in the way of a start is told before all of it is closed, and a Ctrl-C ends that at once", limits, async () => {
  const project = busyProject('{ back: { modules: ["back"] } }')
  const needing = (name: string, create: string) => {
    const file = `modules/${name}/module.ts`
    const need = `const need = { kind: "adapter", technology: "file", create: async () => { ${create} } }\n`
    return { [file]: need + project[file]?.replace("  handlers:", "  needs: { need },\n  handlers:") }
  }
  const folder = await projectWith({
    ...project,
    ...needing("front", 'writeFileSync("spins", ""); while (true);'),
    ...needing("back", 'while (!existsSync("spins")); throw new Error("not today")'),
    "modules/back/contract.ts": `import { existsSync, writeFileSync } from "node:fs"
Object.assign(globalThis, { existsSync, writeFileSync })
${project["modules/back/contract.ts"]}`,
  })
  const dev = spawnDev(folder, "--no-watch")
  await dev.said("Ctrl-C again")
  expect(dev.notices.filter((line) => line.includes("could not be made: not today"))).toHaveLength(1)
  dev.signal("SIGINT")
  expect(await dev.ended).toBe(130)
})

test("processes end when hanok dev is killed", limits, async () => {
  const folder = await projectWith(databaseProject)
  const dev = await runDev(folder)
  const postgres = await postgresIn(folder)
  dev.signal("SIGKILL")
  expect(await dev.ended).toBe("SIGKILL")
  await expect.poll(() => [...dev.facts.pids, postgres].filter(isAlive), { timeout: 20_000 }).toEqual([])
})

test("a service in an endless loop ends, too, when hanok dev is killed", limits, async () => {
  const dev = await runDev(await projectWith(busyProject("{}")), "--no-watch")
  onTestFinished(() => dev.facts.pids.filter(isAlive).forEach((pid) => process.kill(pid, "SIGKILL")))
  const endless = versionStatus(dev.facts.gatewayUrl, "?spinMs=1000000000").catch(() => "lost")
  await sleep(500)
  dev.signal("SIGKILL")
  expect(await dev.ended).toBe("SIGKILL")
  await expect.poll(() => dev.facts.pids.filter(isAlive), { timeout: 60_000 }).toEqual([])
  expect(await endless).toBe("lost")
})

test("one that does not come up leaves alone what tells of another one in its folder", limits, async () => {
  const project = busyProject("{}")
  const files = ["first", "second"].map((name) => [`${name}.ts`, `${readWhenItMay(name)}${project["hanok.config.ts"]}`])
  const folder = await projectWith({ ...project, ...Object.fromEntries(files) })
  const there = (name: string) => expect.poll(() => existsSync(join(folder, name)), { timeout: 30_000 }).toBe(true)
  const first = spawnDev(folder, "--config", "first.ts", "--no-watch")
  // From then on the traces are the first one's.
  await there(".hanok/telemetry/telemetry.v1.duckdb")
  const second = spawnDev(folder, "--config", "second.ts", "--no-watch")
  await there("second-reads")
  await writeFile(join(folder, "first-goes"), "")
  const { pid } = await first.facts
  await writeFile(join(folder, "second-goes"), "")
  expect(await second.ended).toBe(3)
  expect(second.notices.join("\n")).toContain(`another process has it (process ${await traceStoreOf(pid)})`)
  expect(await readFacts(join(folder, ".hanok"))).toMatchObject({ pid })
})

function readWhenItMay(name: string): string {
  return `import { existsSync, writeFileSync } from "node:fs"
writeFileSync("${name}-reads", "")
while (!existsSync("${name}-goes"));
`
}

async function versionStatus(gatewayUrl: string, query = ""): Promise<number> {
  return (await fetch(`${gatewayUrl}/version${query}`, { headers: { connection: "close" } })).status
}

async function count(gatewayUrl: string): Promise<unknown> {
  const response = await fetch(`${gatewayUrl}/count`, { method: "POST", body: "{}", headers: { "content-type": "application/json" } })
  // What the project's contract says; a problem document has no value.
  return ((await response.json()) as { value?: number }).value
}

/** The first line of this file is the server's process id. */
async function postgresIn(folder: string): Promise<number> {
  return Number.parseInt(await readFile(join(folder, cluster, "postmaster.pid"), "utf8"), 10)
}

/** A child that was not there before, when it has come to rest. */
async function newChildOf(pid: number, known: ReadonlySet<number>): Promise<number> {
  const look = async () => (await childrenOf(pid)).find((child) => !known.has(child)) ?? 0
  await expect.poll(look, { timeout: 30_000 }).toBeGreaterThan(0)
  const child = await look()
  await expect.poll(async () => (await workOf(child)) === (await sleep(500).then(() => workOf(child))), { timeout: 30_000 }).toBe(true)
  return child
}

/** Processor time, in ticks: proc(5). */
async function workOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? []
  return Number(fields[11]) + Number(fields[12])
}
