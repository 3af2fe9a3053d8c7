import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath, pathToFileURL } from "node:url"
import { expect, onTestFinished, test } from "vitest"
import { relayContract } from "../fixture/echo.ts"
import { until } from "../until.ts"
import { seamMatrix } from "./seam-matrix.ts"
import type { SeamRunnerName } from "./seam-matrix.ts"

const echoes = new URL("../fixture/echo-topology.ts", import.meta.url)
const broken = new URL("../fixture/broken-topology.ts", import.meta.url)
const dying = new URL("../fixture/dying-topology.ts", import.meta.url)
const orphan = new URL("../fixture/orphan-topology.ts", import.meta.url)
const noTopology = new URL("../fixture/parcel.ts", import.meta.url)

function open(runner: SeamRunnerName, topology: URL) {
  const found = seamMatrix({ topology }).find(({ name }) => name === runner)
  if (!found) throw new Error(`there is no runner ${runner}`)
  return found.open()
}

const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => "it did not fail",
    (error: unknown) => String(error),
  )

function lives(processId: number): boolean {
  try {
    process.kill(processId, 0)
    // One that has ended but was not waited for by its parent (a zombie) still has its id.
    return process.platform !== "linux" || !readFileSync(`/proc/${processId}/stat`, "utf8").includes(") Z ")
  } catch {
    return false
  }
}

test("each module lives in a process of its own, and closing leaves none of them", async () => {
  const stage = await open("processes", echoes)
  const { own, callee } = await stage.client(relayContract).see({})
  const ids = [own.processId, callee.processId]
  expect(new Set([...ids, process.pid]).size).toBe(3)
  expect(ids.map(lives)).toEqual([true, true])
  await stage.close()
  expect(ids.map(lives)).toEqual([false, false])
})

test("when the test's process is killed, those of the modules end by themselves", async () => {
  const program = fileURLToPath(new URL("../fixture/abandoned.ts", import.meta.url))
  const parent = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] })
  onTestFinished(() => void parent.kill("SIGKILL"))
  const [line] = (await once(parent.stdout, "data")) as [Buffer]
  const ids = JSON.parse(line.toString()) as number[]
  expect(ids.map(lives)).toEqual([true, true])
  parent.kill("SIGKILL")
  await until(() => !ids.some(lives), { what: "the processes to end", withinMs: 10_000 })
})

test("processes that still start when the test's is killed end without a word of it", async () => {
  const program = fileURLToPath(new URL("../fixture/abandoned.ts", import.meta.url))
  const parent = spawn(process.execPath, [program, orphan.href], { stdio: ["ignore", "ignore", "pipe"] })
  onTestFinished(() => void parent.kill("SIGKILL"))
  const exited = once(parent, "exit")
  // It ends when they have, too.
  expect(await text(parent.stderr)).toBe("")
  expect(await exited).toEqual([null, "SIGKILL"])
})

test("processes read what only a loader and a condition make readable, as the test's own does that was started with these", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "hanok-loader-"))
  onTestFinished(() => rm(cwd, { recursive: true, force: true }))
  const loader = `registerHooks({ resolve: (name, context, next) => next(name === "echoes" ? "${echoes.href}" : name, context) })`
  await writeFile(join(cwd, "loader.mjs"), `import { registerHooks } from "node:module"\n${loader}\n`)
  await writeFile(join(cwd, "package.json"), JSON.stringify({ imports: { "#topology": { source: "./source.mjs" } } }))
  await writeFile(join(cwd, "source.mjs"), 'export { default } from "echoes"\n')
  await writeFile(join(cwd, "topology.mjs"), 'export { default } from "#topology"\n')
  const program = fileURLToPath(new URL("../fixture/abandoned.ts", import.meta.url))
  const args = ["--import=./loader.mjs", "-C", "source", program, pathToFileURL(join(cwd, "topology.mjs")).href]
  const parent = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "pipe"] })
  onTestFinished(() => void parent.kill("SIGKILL"))
  const told = await Promise.race([once(parent.stdout, "data").then(String), text(parent.stderr)])
  expect(told).toMatch(/^\[\d+,\d+\]\n$/)
})

test.each(["inline", "wire", "processes"] as const)("a module that cannot start fails the opening with its reason, %s", async (runner) => {
  expect(await errorOf(open(runner, broken))).toContain("the parcels' disk is full")
})

test("a process that ends while it starts fails the opening", async () => {
  expect(await errorOf(open("processes", dying))).toContain("The process of customer ended while it started (exit code 7).")
})

test.each(["inline", "wire", "processes"] as const)("a file that exports no topology is an error, %s", async (runner) => {
  expect(await errorOf(open(runner, noTopology))).toContain("parcel.ts does not export a topology by default")
})

test.each(["inline", "processes"] as const)("a topology that was compiled to CommonJS is opened like any other, %s", async (runner) => {
  const folder = await mkdtemp(join(tmpdir(), "hanok-commonjs-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, "topology.cjs")
  const original = JSON.stringify(fileURLToPath(echoes))
  await writeFile(path, `exports.__esModule = true\nexports.default = require(${original}).default\n`)
  const stage = await open(runner, pathToFileURL(path))
  onTestFinished(() => stage.close())
  expect(await stage.client(relayContract).see({})).toMatchObject({ own: { processId: expect.any(Number) } })
})
