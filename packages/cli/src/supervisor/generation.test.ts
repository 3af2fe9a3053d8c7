import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, onTestFinished, test, vi } from "vitest"
import { backModule, busyProject } from "../testing/busy-project.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { Generation } from "./generation.ts"
import { bindSocket } from "./listening-socket.ts"

// Whatever else runs on this machine.
vi.mock("./idle-share.ts", () => ({ createIdleShare: () => () => 1 }))

const tellsOfReading = `import { appendFileSync } from "node:fs"
const tell = (what) => appendFileSync(new URL(what, import.meta.url), "once\\n")
tell("reads")
`

test("a version that finishes what it has gets no process any more that stands by", { timeout: 60_000 }, async () => {
  const module = `${backModule("1").replace("if (waitMs", 'tell("calls")\n      if (waitMs')}${tellsOfReading}`
  const folder = await projectWith({ ...busyProject('{ back: { modules: ["back"] } }'), "modules/back/module.ts": module })
  const socket = bindSocket("127.0.0.1", 0)
  const ignore = () => undefined
  const config = join(folder, "hanok.config.ts")
  const generation = new Generation({ config, env: process.env, replaces: false, reason: "start", onLine: ignore, onNews: ignore })
  onTestFinished(() => {
    generation.kill()
    socket.close()
  })
  await generation.outline
  await generation.start({ env: { HANOK_SECRET: "a secret for this test alone" }, socket, countOf: ignore })
  const slow = fetch(`${socket.url}/version?waitMs=7000`)
  // It is under way.
  await expect.poll(() => existsSync(join(folder, "modules/back/calls"))).toBe(true)
  await generation.close({ graceMs: 30_000, lingerMs: 0 }, "stopping")
  expect((await slow).status).toBe(200)
  const reads = (await readFile(join(folder, "modules/back/reads"), "utf8")).trim().split("\n")
  expect(reads).toHaveLength(2)
})
