import { appendFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { projectWith, runHanok } from "../testing/run-hanok.ts"
import { smallProject } from "../testing/small-project.ts"

test("the graph is printed as text, as JSON and as Mermaid", async () => {
  const folder = await projectWith(smallProject)
  expect((await runHanok(folder, "graph")).stdout).toContain("2 modules in 1 service, nothing crosses processes")
  expect(JSON.parse((await runHanok(folder, "graph", "--json")).stdout)).toMatchObject({ calls: [{ from: "gift", to: "order" }] })
  expect((await runHanok(folder, "graph", "--format", "mermaid")).stdout).toMatch(/^flowchart LR\n/)
})

test("a configuration without a topology, one that throws, and none at all are told with what to do", async () => {
  const folder = await projectWith({ "empty.ts": "export default 1\n", "broken.ts": 'throw new Error("no such luck")\n' })
  expect(await runHanok(folder, "graph", "--config", "empty.ts")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("empty.ts does not export a topology.\n  Write: export default defineTopology("),
  })
  expect(await runHanok(folder, "graph", "--config", "broken.ts")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("no such luck"),
  })
  expect(await runHanok(folder, "graph")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("There is no hanok.config.ts here or above."),
  })
})

test("a configuration that was compiled to CommonJS is read like any other", async () => {
  const folder = await projectWith({
    "dist/hanok.config.js": `"use strict"
Object.defineProperty(exports, "__esModule", { value: true })
const { defineTopology } = require("@hanok/contract")
exports.default = defineTopology({ name: "compiled", modules: [] })
`,
  })
  const { stdout, stderr } = await runHanok(folder, "graph", "--json", "--config", "dist/hanok.config.js")
  expect([stderr, JSON.parse(stdout)]).toMatchObject(["", { name: "compiled" }])
})

test("a folder is no configuration, whatever it is called", async () => {
  const folder = await projectWith({ ...smallProject, "deep/hanok.config.ts/a.ts": "" })
  for (const command of ["graph", "check", "split"]) {
    const args = command === "split" ? ["gift"] : []
    expect(await runHanok(folder, command, ...args, "--config", "modules")).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: "hanok: There is no file modules.\n  Go to your project's folder, or name the file with --config.\n",
    })
  }
  expect(await runHanok(join(folder, "deep"), "graph")).toMatchObject({ exitCode: 0 })
})

test("an unknown format, an unknown command and an unknown option are bad input", async () => {
  const folder = await projectWith(smallProject)
  const ran = [
    await runHanok(folder, "graph", "--format", "svg"),
    await runHanok(folder, "grahp"),
    await runHanok(folder, "graph", "--jso"),
  ]
  expect(ran.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2])
  expect(ran.map(({ stderr }) => /Allowed choices|Did you mean/.exec(stderr)?.[0])).toEqual([
    "Allowed choices",
    "Did you mean",
    "Did you mean",
  ])
})

test.each(["let a = 1; let a = 2", "const a = @", "return", 'export { b } from "../order/contract.ts"'])(
  "of a mistake in a module, %s, it is said where it is",
  async (statement) => {
    const folder = await projectWith(smallProject)
    await appendFile(join(folder, "modules/gift/module.ts"), `${statement}\n`)
    const { exitCode, stderr } = await runHanok(folder, "graph")
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/cannot be loaded:\nfile:.*\/modules\/gift\/module\.ts:11\n/)])
    expect(stderr).toContain(`\n${statement}\n`)
  },
)

test.each(['import "./contract"', 'import "./contract.js"', 'import "."', 'import "@/modules/gift/contract"', "enum Size { Small }"])(
  "of what only a compiler understands, %s, it is said how it is read",
  async (statement) => {
    const folder = await projectWith(smallProject)
    await appendFile(join(folder, "modules/gift/module.ts"), `${statement}\n`)
    const { exitCode, stderr } = await runHanok(folder, "graph")
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('NODE_OPTIONS="--import tsx"')])
  },
)
