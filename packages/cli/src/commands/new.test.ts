import { existsSync } from "node:fs"
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, onTestFinished, test } from "vitest"
import { versions } from "../new/app-files.ts"
import { addModule } from "../new/add-module.ts"
import { install, projectWith, runHanok, runNode } from "../testing/run-hanok.ts"
import { runDev } from "../testing/running-dev.ts"
import { smallConfig, smallProject } from "../testing/small-project.ts"

const repository = fileURLToPath(new URL("../../../../", import.meta.url))
const bin = (name: string) => join(repository, "node_modules", name)

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hanok-new-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test("a new app passes its types, its checks and its tests, takes one more module, and serves", { timeout: 120_000 }, async () => {
  const folder = await emptyFolder()
  const made = await runHanok(folder, "new", "tea-house")
  expect([made.exitCode, made.stderr]).toEqual([0, ""])
  expect(made.stdout).toContain("npm install")
  const app = join(folder, "tea-house")
  await install(app)
  const added = await runHanok(app, "new", "module", "gift-card", "--json")
  expect(JSON.parse(added.stdout)).toMatchObject({ folder: join(app, "modules/gift-card") })
  for (const [file, ...args] of [[bin("typescript/bin/tsc")], [bin("vitest/vitest.mjs"), "run"]] as const) {
    const ran = await runNode(app, file, ...args)
    expect([ran.exitCode, ran.exitCode === 0 ? "" : ran.stdout + ran.stderr]).toEqual([0, ""])
  }
  expect((await runHanok(app, "check")).stdout).toContain("2 modules and 1 topology keep the rules.")
  const { facts } = await runDev(app)
  const answer = await fetch(`${facts.gatewayUrl}/gift-card/greetings/Sora`)
  expect(await answer.json()).toEqual({ text: "Hello, Sora!" })
})

test("a new app's types are those of its Node, and hold for what stands beside its modules, too", { timeout: 60_000 }, async () => {
  const folder = await emptyFolder()
  await runHanok(folder, "new", "tea-house")
  const app = join(folder, "tea-house")
  await install(app)
  const store = `import { MemoryTable } from "@hanok/runtime"
const lists = { late: { key: () => "all", order: (row: string) => row } }
export const firstTwo = new MemoryTable<string, never, "late">({}, lists).ascending("late", "all", "9").take(2).toArray()
`
  await writeFile(join(app, "modules/hello/store.memory.ts"), store)
  await writeFile(join(app, "seed.ts"), 'export const count: number = "three"\n')
  const { stdout } = await runNode(app, bin("typescript/bin/tsc"), "--pretty", "false")
  expect(stdout.match(/^\S+\.ts/gm)).toEqual(["seed.ts"])
})

test("what a new app depends on is what this repository has", async () => {
  // This repository's own manifests.
  const { devDependencies } = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as { devDependencies: object }
  expect(devDependencies).toMatchObject(versions)
})

test("a module is added to a configuration whose comments and layout stay", () => {
  expect(addModule(smallConfig, "tea")).toBe(
    smallConfig
      .replace('order/module.ts"\n', 'order/module.ts"\nimport { teaModule } from "./modules/tea/module.ts"\n')
      .replace("[orderModule, giftModule]", "[orderModule, giftModule, teaModule]"),
  )
})

test.each([
  [
    `import { orderModule } from "./order.ts" /* one\n   of two lines */\n`,
    `import { orderModule } from "./order.ts"\nimport { teaModule } from "./modules/tea/module.ts" /* one\n   of two lines */\n`,
  ],
  [
    `import { orderModule } from "./order.ts"; const ports = {\n  tea: 1,\n}\n`,
    `import { orderModule } from "./order.ts";\nimport { teaModule } from "./modules/tea/module.ts"; const ports = {\n  tea: 1,\n}\n`,
  ],
  [
    `import { orderModule } from "./order.ts" // one`,
    `import { orderModule } from "./order.ts" // one\nimport { teaModule } from "./modules/tea/module.ts"`,
  ],
])("a module is imported behind the other imports, and not within what follows them: %j", (head, imported) => {
  const call = (modules: string) => `\nexport default defineTopology({ modules: [${modules}] })\n`
  expect(addModule(head + call("orderModule"), "tea")).toBe(imported + call("orderModule, teaModule"))
})

test.each([
  [["new", "Tea House"], '"Tea House" cannot be an app\'s name.'],
  [["new", "modules"], "modules exists already; nothing was written."],
  [["new", "taken"], "taken exists already; nothing was written."],
  [["new", "module", "giftCard"], '"giftCard" cannot be a module\'s name.'],
  [["new", "module", "gift"], "There is a module gift already."],
  [["new", "module", "tea", "--config", "none.ts"], "There is no file none.ts."],
])("%j is refused with one clear message", async (args, message) => {
  const ran = await runHanok(await projectWith({ ...smallProject, taken: "a file" }), ...args)
  expect([ran.exitCode, ran.stdout]).toEqual([2, ""])
  expect(ran.stderr).toContain(message)
})

test("a configuration that takes its modules from elsewhere is named, and nothing is written", async () => {
  const folder = await projectWith({
    ...smallProject,
    "modules.ts": 'import { orderModule } from "./modules/order/module.ts"\nexport const modules = [orderModule]\n',
    "hanok.config.ts":
      'import { defineTopology } from "@hanok/contract"\nimport { modules } from "./modules.ts"\nexport default defineTopology({ modules })\n',
  })
  const ran = await runHanok(folder, "new", "module", "tea")
  expect(ran.exitCode).toBe(2)
  expect(ran.stderr).toContain("hanok.config.ts:3 does not itself list its modules")
  expect(existsSync(join(folder, "modules/tea"))).toBe(false)
})

test("a configuration that does something else with its modules is as it was before, and nothing is kept", async () => {
  const text = `${smallConfig.replace("defineTopology({", "defineTopology(first({").replace("})\n", "}))\n")}function first<T extends { modules: readonly unknown[] }>(options: T): T {
  return { ...options, modules: options.modules.slice(0, 2) }
}
`
  const folder = await projectWith({ ...smallProject, "hanok.config.ts": text })
  const ran = await runHanok(folder, "new", "module", "tea")
  expect([ran.exitCode, await readFile(join(folder, "hanok.config.ts"), "utf8")]).toEqual([2, text])
  expect(ran.stderr).toContain("After the change, tea was not in the topology")
  expect(existsSync(join(folder, "modules/tea"))).toBe(false)
})

test("what somebody else has put into a folder that was made here is not taken back", async () => {
  // Read for the second time, it is the change that is read.
  const text = `import { mkdirSync, writeFileSync } from "node:fs"
${smallConfig.replaceAll("./modules/", "./domains/")}if ("read" in globalThis) {
  mkdirSync("modules/coffee")
  writeFileSync("modules/coffee/contract.ts", "")
  throw new Error("no tea here")
}
Object.assign(globalThis, { read: true })
`
  const files = Object.entries(smallProject).map(([path, content]) => [path.replace("modules/", "domains/"), content] as const)
  const folder = await projectWith({ ...Object.fromEntries(files), "hanok.config.ts": text })
  const { exitCode, stderr } = await runHanok(folder, "new", "module", "tea")
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("no tea here")])
  expect(await readdir(join(folder, "modules"), { recursive: true })).toEqual(["coffee", "coffee/contract.ts"])
})

test("a module is written beside the configuration itself, where a link leads to it", async () => {
  const folder = await projectWith(smallProject)
  await mkdir(join(folder, "linked"))
  await symlink("../hanok.config.ts", join(folder, "linked/hanok.config.ts"))
  const { exitCode, stderr, stdout } = await runHanok(join(folder, "linked"), "new", "module", "tea", "--json")
  expect([exitCode, stderr]).toEqual([0, ""])
  expect(JSON.parse(stdout)).toMatchObject({ folder: join(folder, "modules/tea") })
  expect(await readdir(join(folder, "linked"))).toEqual(["hanok.config.ts"])
})

test("Ctrl-C just when the configuration has been changed does not take the new module's files from it", async () => {
  const text = `import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"
${smallConfig}const { renameSync, promises } = fs
const { rename } = promises
const interrupt = () => process.kill(process.pid, "SIGINT")
fs.renameSync = (from, to) => void [renameSync(from, to), interrupt()]
promises.rename = async (from, to) => {
  await rename(from, to)
  interrupt()
  await new Promise((resolve) => setTimeout(resolve, 200))
}
syncBuiltinESMExports()
`
  const folder = await projectWith({ ...smallProject, "hanok.config.ts": text })
  await runHanok(folder, "new", "module", "tea")
  expect(await readFile(join(folder, "hanok.config.ts"), "utf8")).toContain("teaModule")
  expect(await readdir(join(folder, "modules"))).toEqual(["gift", "order", "tea"])
})
