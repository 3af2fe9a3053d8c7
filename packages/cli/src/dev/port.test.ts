import { createServer } from "node:net"
import { existsSync } from "node:fs"
import { readdir, readFile, readlink, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, onTestFinished, test, vi } from "vitest"
import { freePort } from "../testing/free-port.ts"
import { backModule, busyProject } from "../testing/busy-project.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { isAlive } from "../is-alive.ts"
import { readFacts } from "./announce.ts"
import { runDev, spawnDev } from "../testing/running-dev.ts"

test(
  "a configuration gets its port back while the version that had it before still finishes what it has",
  { timeout: 90_000 },
  async () => {
    const [first, second] = [await freePort(), await freePort()]
    const folder = await projectWith({ ...busyProject("{}"), "hanok.config.ts": configWith(first) })
    const dev = await runDev(folder, "--port", "")
    expect(dev.facts.gatewayUrl).toBe(`http://127.0.0.1:${first}`)
    const slow = fetch(`${dev.facts.gatewayUrl}/version?waitMs=5000`)
    await writeFile(join(folder, "hanok.config.ts"), configWith(second))
    await dev.said("reloaded")
    expect(await statusOf(second)).toBe(200)
    await writeFile(join(folder, "hanok.config.ts"), configWith(first))
    await dev.said("reloaded", 2)
    expect(await statusOf(first)).toBe(200)
    expect((await slow).status).toBe(200)
    // What nobody has any more is closed.
    await expect.poll(() => statusOf(second).catch(() => "refused"), { timeout: 20_000 }).toBe("refused")
  },
)

test("a gateway whose service is not ready for long answers what it can", { timeout: 60_000 }, async () => {
  const module = `const ready = async () => { throw new Error("held") }
const hold = { kind: "adapter", technology: "file", create: async () => ({ port: {}, ready }) }
${backModule("1").replace("  handlers:", "  needs: { hold },\n  handlers:")}`
  const port = await freePort()
  spawnDev(await projectWith({ ...busyProject("{}"), "modules/back/module.ts": module }), "--port", String(port))
  const statusOfHealth = async (what: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/health/${what}`, { headers: { connection: "close" } })
    await response.text()
    return response.status
  }
  const statuses = () => Promise.all([statusOfHealth("live"), statusOfHealth("ready")]).catch(() => [])
  await expect.poll(statuses, { timeout: 30_000 }).toEqual([200, 503])
})

test.skipIf(process.platform !== "linux")("a process of the gateway holds its port once", { timeout: 60_000 }, async () => {
  const { facts } = await runDev(await projectWith(busyProject("{}")), "--no-watch")
  const port = Number(new URL(facts.gatewayUrl).port)
  // By then it has been let in again, in case that its service was not ready for longer.
  await sleep(1_500)
  expect(await Promise.all(facts.pids.map((pid) => descriptorsOf(pid, port)))).toEqual([1])
})

/** How many descriptors of a process are for a port that it listens at. */
async function descriptorsOf(pid: number, port: number): Promise<number> {
  const rows = (await readFile(`/proc/${pid}/net/tcp`, "utf8")).split("\n").map((row) => row.trim().split(/\s+/))
  const hex = port.toString(16).toUpperCase().padStart(4, "0")
  const inode = rows.find(([, local, , state]) => local?.endsWith(`:${hex}`) && state === "0A")?.[9]
  const folder = `/proc/${pid}/fd`
  const links = await Promise.all((await readdir(folder)).map((name) => readlink(join(folder, name)).catch(() => "")))
  return links.filter((link) => link === `socket:[${inode}]`).length
}

test("it is up when it takes connections", { timeout: 60_000 }, async () => {
  const folder = await projectWith(slowToOpen)
  const dev = spawnDev(folder, "--no-watch", "--no-seed")
  const answer = dev.facts.then(async ({ gatewayUrl }) => (await fetch(`${gatewayUrl}/version`)).status).catch(String)
  await expect.poll(() => existsSync(join(folder, "opens")), { timeout: 30_000 }).toBe(true)
  // Long enough for it to be told as up too early.
  await sleep(300)
  await rm(join(folder, "wait"))
  expect(await answer).toBe(200)
})

test("a port that another program takes at the last moment is named", { timeout: 60_000 }, async () => {
  const folder = await projectWith(slowToOpen)
  const port = await freePort()
  const dev = spawnDev(folder, "--no-watch", "--port", String(port))
  await expect.poll(() => existsSync(join(folder, "opens")), { timeout: 30_000 }).toBe(true)
  const other = createServer()
  onTestFinished(() => void other.close())
  await new Promise<void>((resolve, reject) => other.once("error", reject).listen(port, "127.0.0.1", resolve))
  await rm(join(folder, "wait"))
  expect(await dev.ended).toBe(3)
  expect(dev.notices.slice(-2)).toEqual([
    `hanok: Port ${port} is taken by another program.`,
    "  Stop that program, or choose another port (0 takes a free one): --port 0",
  ])
})

test(
  "a new version whose port another program takes at the last moment is given up, and the one before goes on serving",
  { timeout: 90_000 },
  async () => {
    const [first, second] = [await freePort(), await freePort()]
    const services = '{ back: { modules: ["back"] } }'
    const folder = await projectWith({ ...busyProject(services), "hanok.config.ts": configWith(first, services) })
    const dev = await runDev(folder, "--port", "", "--no-watch")
    const changed = { ...slowToOpen, "hanok.config.ts": configWith(second, services) }
    for (const [path, content] of Object.entries(changed)) await writeFile(join(folder, path), content)
    dev.signal("SIGHUP")
    await expect.poll(() => existsSync(join(folder, "opens")), { timeout: 30_000 }).toBe(true)
    const other = createServer()
    onTestFinished(() => void other.close())
    await new Promise<void>((resolve, reject) => other.once("error", reject).listen(second, "127.0.0.1", resolve))
    await rm(join(folder, "wait"))
    await dev.said(`  Port ${second} is taken by another program.`)
    expect(dev.notices).toContain("hanok        The new version does not start; the one before goes on serving.")
    expect(await readFacts(join(folder, ".hanok"))).toEqual(dev.facts)
    expect(await statusOf(first)).toBe(200)
    await expect.poll(() => dev.news.flatMap(({ pid }) => pid ?? []).filter(isAlive), { timeout: 20_000 }).toEqual([])
    // Nothing of it is tried again, and the next one takes its place.
    await rm(join(folder, "opens"))
    await writeFile(join(folder, "hanok.config.ts"), configWith(first, services))
    dev.signal("SIGHUP")
    await dev.said("reloaded")
    expect(await statusOf(first)).toBe(200)
    expect(dev.news.filter(({ change }) => change === "crashed")).toEqual([])
  },
)

test("a host to listen on may be a name, and one that is none is told of", { timeout: 60_000 }, async () => {
  const folder = await projectWith(busyProject("{}"))
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv("HANOK_LISTEN_HOST", "localhost")
  const { facts } = await runDev(folder, "--no-watch")
  expect((await fetch(`${facts.gatewayUrl}/version`)).status).toBe(200)
  vi.stubEnv("HANOK_LISTEN_HOST", "nobody.invalid")
  const wrong = spawnDev(await projectWith(busyProject("{}")), "--no-watch")
  expect(await wrong.ended).toBe(2)
  expect(wrong.notices).toEqual([
    'hanok: HANOK_LISTEN_HOST is "nobody.invalid", which is no address and names none.',
    "  It takes one of this machine, such as 127.0.0.1 or 0.0.0.0.",
  ])
})

/** Busy, when it is told to let the outside in, until it may go on. */
const opensWhenItMay = `
import { existsSync, writeFileSync } from "node:fs"
process.prependListener("message", ({ kind }) => {
  if (kind !== "open") return
  writeFileSync("opens", "")
  while (existsSync("wait"));
})
`
const slowToOpen = {
  ...busyProject("{}"),
  wait: "",
  "modules/front/module.ts": `${busyProject("{}")["modules/front/module.ts"]}${opensWhenItMay}`,
}

function configWith(port: number, services = "{}"): string {
  return `${busyProject(services)["hanok.config.ts"]}`.replace("gateway: {", `gateway: { port: ${port},`)
}

async function statusOf(port: number): Promise<number> {
  return (await fetch(`http://127.0.0.1:${port}/version`, { headers: { connection: "close" } })).status
}
