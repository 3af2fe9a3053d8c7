import { symlink } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { projectWith, runHanok } from "../testing/run-hanok.ts"
import { smallConfig, smallProject } from "../testing/small-project.ts"

const broken = {
  ...smallProject,
  "modules/order/store.ts": "export const store = 1\n",
  "modules/gift/query.ts": `import { orderContract } from "../order/contract.ts"\nimport { store } from "../order/store.ts"\nexport { orderContract, store }\n`,
}

test("a project that keeps the rules passes", async () => {
  const ran = await runHanok(await projectWith(smallProject), "check")
  expect(ran).toEqual({ exitCode: 0, stderr: "", stdout: "5 files, 2 modules and 1 topology keep the rules.\n" })
})

test("every violation is told with its place, its rule and what is allowed", async () => {
  const config = smallConfig.replace("orderModule, giftModule", "giftModule").replace("import { orderModule", "// import { orderModule")
  const { exitCode, stdout } = await runHanok(await projectWith({ ...broken, "hanok.config.ts": config }), "check")
  expect(exitCode).toBe(1)
  expect(stdout).toContain(`modules/gift/query.ts:2  module-imports
  The module gift imports modules/order/store.ts of the module order.
  Of another module, import its contract and nothing else: modules/order/contract.ts.`)
  expect(stdout).toMatch(/^modules\/gift\/module\.ts:\d+ {2}topology\n {2}gift uses the contract order, which no module/m)
  expect(stdout).toContain("2 violations, in 7 files, 2 modules and 1 topology.")
})

test("a part of a project is checked within the whole of it", async () => {
  const folder = await projectWith(broken)
  const order = JSON.parse((await runHanok(folder, "check", "modules/order", "--json")).stdout)
  const gift = JSON.parse((await runHanok(folder, "check", "modules/gift", "--json")).stdout)
  expect(order).toMatchObject({ modules: ["modules/order"], violations: [], topologies: ["hanok.config.ts"] })
  expect(gift).toMatchObject({ modules: ["modules/gift"], violations: [{ path: "modules/gift/query.ts", line: 2 }] })
})

test("a repository may have any number of topologies", async () => {
  const apps = Array.from({ length: 12 }, (_, index) => {
    return Object.entries(smallProject).map(([path, text]) => [`app${index}/${path}`, text] as const)
  })
  const folder = await projectWith({ ...Object.fromEntries(apps.flat()), "package.json": "{}" })
  const ran = await runHanok(folder, "check")
  expect(ran).toEqual({ exitCode: 0, stderr: "", stdout: "60 files, 24 modules and 12 topologies keep the rules.\n" })
})

test("what is named by a link is checked as what the link leads to", async () => {
  const config = smallConfig.replace("orderModule, giftModule", "giftModule")
  const folder = await projectWith({ "package.json": "{}" })
  const project = await projectWith({ ...broken, "hanok.config.ts": config })
  await symlink(project, join(folder, "all"))
  await symlink(join(project, "modules/gift"), join(folder, "gift"))
  for (const link of ["all", "gift"]) {
    const { exitCode, stdout } = await runHanok(folder, "check", link, "--json")
    const { root, violations } = JSON.parse(stdout)
    expect([exitCode, root]).toEqual([1, project])
    expect(violations).toMatchObject([{ path: "modules/gift/query.ts" }, { path: "modules/gift/module.ts" }])
  }
})

test("what cannot be read is neither right nor wrong", async () => {
  const folder = await projectWith({ ...smallProject, "hanok.config.ts": 'import "no-such-package"\n', "modules/gift/half.ts": "const =" })
  const { exitCode, stdout } = await runHanok(folder, "check", "--json")
  expect(exitCode).toBe(3)
  expect(JSON.parse(stdout)).toMatchObject({
    violations: [],
    undetermined: [
      { path: "modules/gift/half.ts", line: 1 },
      { path: "hanok.config.ts", message: expect.stringContaining("no-such-package") },
    ],
  })
})

test("a workspace adds its own rules", async () => {
  const folder = await projectWith({
    ...smallProject,
    "hanok.check.json": '{ "packages": { "@x/a": { "imports": [] } }, "maxLines": { "source": 20, "test": 30 } }',
    "a/package.json": '{ "name": "@x/a" }',
    "a/a.ts": `import "@x/b"\n${"\n".repeat(20)}`,
    "b/package.json": '{ "name": "@x/b" }',
  })
  const { violations } = JSON.parse((await runHanok(folder, "check", "--json")).stdout)
  expect(violations).toMatchObject([
    { path: "a/a.ts", line: 1, rule: "package-imports", allowed: "@x/a may import no package of the workspace." },
    { path: "a/a.ts", line: 21, rule: "file-size" },
  ])
})

test("a topology that is named and is not there is bad input, as for every command", async () => {
  const ran = await runHanok(await projectWith(broken), "check", "--config", "none.ts")
  expect(ran).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining("There is no file none.ts.") })
})

test("a folder that is not there, and rules that are none, are bad input", async () => {
  const folder = await projectWith({ ...smallProject, "hanok.check.json": '{ "maxlines": 3 }' })
  expect(await runHanok(folder, "check", "nowhere")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("There is no folder nowhere."),
  })
  expect(await runHanok(folder, "check")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('hanok.check.json: "maxlines" is not a field'),
  })
})

test("a file outside of any project is checked by itself", async () => {
  const folder = await projectWith({ "a.ts": "export const a = 1\n", "b.ts": "const =" })
  expect(await runHanok(folder, "check", "a.ts")).toMatchObject({ exitCode: 0, stderr: "" })
})

test("places are told as the file system has them, whatever is in their names", async () => {
  const odd = "한옥 (a b) #1?%20"
  const config = smallConfig.replace("[orderModule, giftModule]", "[giftModule]")
  const files = Object.entries({ ...smallProject, "hanok.config.ts": config }).map(([path, text]) => [`${odd}/${path}`, text] as const)
  const folder = join(await projectWith(Object.fromEntries(files)), odd)
  expect((await runHanok(folder, "check")).stdout).toMatch(/^modules\/gift\/module\.ts:\d+ {2}topology\n/)
  expect((await runHanok(folder, "graph")).stderr).toContain(`at ${folder}/modules/gift/module.ts:`)
})

test("of a configuration that cannot be checked it is said what to do", async () => {
  const folder = await projectWith({ ...smallProject, "hanok.config.ts": "export default 1\n" })
  const { exitCode, stdout } = await runHanok(folder, "check")
  expect([exitCode, stdout]).toEqual([3, expect.stringContaining("does not export a topology.\n  Write: export default defineTopology(")])
})
