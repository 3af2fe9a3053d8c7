import { spawnSync } from "node:child_process"
import { chmod, lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { constants } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { projectWith, runHanok } from "../testing/run-hanok.ts"
import { smallConfig, smallProject } from "../testing/small-project.ts"

const configIn = (folder: string) => readFile(join(folder, "hanok.config.ts"), "utf8")

test("a module moves out by one line, and back as if nothing had been", async () => {
  const folder = await projectWith(smallProject)
  const split = await runHanok(folder, "split", "gift", "--replicas", "3")
  expect(split).toMatchObject({ exitCode: 0, stderr: "" })
  expect(split.stdout).toContain(`  +    8    services: { gift: { modules: ["gift"], replicas: 3 } },`)
  expect(split.stdout).toContain("  gift → order  calls")
  expect(await configIn(folder)).toBe(
    smallConfig.replace("giftModule],\n", `giftModule],\n  services: { gift: { modules: ["gift"], replicas: 3 } },\n`),
  )

  expect(await runHanok(folder, "merge", "gift")).toMatchObject({ exitCode: 0, stderr: "" })
  expect(await configIn(folder)).toBe(smallConfig)
})

test("what to do next can be copied, however long a name is", async () => {
  const contract = smallProject["modules/order/contract.ts"]?.replace('"order"', '"recommendation"') ?? ""
  const folder = await projectWith({ ...smallProject, "modules/order/contract.ts": contract })
  const { stdout } = await runHanok(folder, "split", "recommendation")
  expect(stdout).toMatch(/^ {2}hanok serve recommendation {3}runs this service/m)
  expect(stdout).toMatch(/^ {2}hanok merge recommendation {3}takes it back$/m)
  expect((await runHanok(folder, "merge", "recommendation")).stdout).toMatch(/^ {2}hanok split recommendation {3}moves it out again$/m)
})

test("moving what has moved says so, and is no failure", async () => {
  const folder = await projectWith(smallProject)
  await runHanok(folder, "split", "gift")
  expect(await runHanok(folder, "split", "gift")).toMatchObject({
    exitCode: 0,
    stdout: "gift already lives in the service gift. Nothing to do.\n",
  })
  expect(await runHanok(folder, "merge", "order")).toMatchObject({
    exitCode: 0,
    stdout: "order already lives in main, with all that has not moved out. Nothing to do.\n",
  })
})

test("a dry run writes nothing", async () => {
  const folder = await projectWith(smallProject)
  const { stdout, exitCode } = await runHanok(folder, "split", "gift", "--dry-run")
  expect([exitCode, stdout.includes("gift would move from main to gift."), await configIn(folder)]).toEqual([0, true, smallConfig])
})

test("as JSON, a move tells what has changed", async () => {
  const folder = await projectWith(smallProject)
  const { stdout } = await runHanok(folder, "split", "gift", "--service", "presents", "--json")
  expect(JSON.parse(stdout)).toEqual({
    changed: true,
    dryRun: false,
    file: join(folder, "hanok.config.ts"),
    module: "gift",
    from: "main",
    to: "presents",
    seams: [{ from: "gift", to: "order", events: [], placement: "remote" }],
  })
})

test.each([
  [["split", "gitf"], "There is no module gitf in this topology.\n  Did you mean gift? There are order, gift."],
  [["merge", "stock"], "There is no module stock in this topology.\n  There are order, gift."],
  [["split", "gift", "--replicas", "4-1"], '--replicas is "4-1".\n  It takes a number from 1, or two of them: 3, 1-4.'],
  [["split", "gift", "--service", "Big One"], '"Big One" cannot be a service\'s name.\n  Begin with'],
  [["split", "gift", "--service", "main"], "main is the service of all that has not moved out.\n  hanok merge gift"],
  [["split", "gift", "--config", "none.ts"], "There is no file none.ts.\n"],
])("hanok %j is refused with what to do", async (args, message) => {
  const { stderr, stdout, exitCode } = await runHanok(await projectWith(smallProject), ...args)
  expect([exitCode, stdout]).toEqual([2, ""])
  expect(stderr).toContain(`hanok: ${message}`)
})

test("a configuration that builds its services by code is left alone", async () => {
  const text = smallConfig.replace("gateway:", `services: Object.fromEntries([["gift", { modules: ["gift"] }]]),\n  gateway:`)
  const folder = await projectWith({ ...smallProject, "hanok.config.ts": text })
  const { stderr, exitCode } = await runHanok(folder, "merge", "gift")
  expect([exitCode, await configIn(folder)]).toEqual([2, text])
  expect(stderr).toBe(
    `hanok: hanok.config.ts:8 builds its services by code, which is not edited here.\n  Change it by hand, or write the services out: services: { gift: { modules: ["gift"] } }\n`,
  )
})

test("a configuration that does something else with what is written is as it was before", async () => {
  const folder = await projectWith(smallProject)
  const text = smallConfig.replace("defineTopology({", "defineTopology(without({").replace("})\n", `}))\n`)
  const without = "function without<T extends object>(options: T): T {\n  return { ...options, services: {} }\n}\n"
  await writeFile(join(folder, "hanok.config.ts"), `${text}${without}`)
  const { stderr, exitCode } = await runHanok(folder, "split", "gift")
  expect([exitCode, await configIn(folder)]).toEqual([2, `${text}${without}`])
  expect(stderr).toContain("After the change, gift was in the service main")
})

test("a configuration that cannot be written is told of, and stays whole", async () => {
  const folder = await projectWith(smallProject)
  const env = { ...process.env, VITEST: undefined }
  // No file may grow: what a full disk does.
  const full = `ulimit -f 0; exec "${process.execPath}" "${fileURLToPath(new URL("../../bin/hanok.mjs", import.meta.url))}" "$@"`
  await mkdir(join(folder, "empty"))
  for (const args of [
    ["split", "gift"],
    ["new", "module", "tea"],
    ["new", "empty"],
  ]) {
    const { status, stderr } = spawnSync("bash", ["-c", full, "hanok", ...args], { cwd: folder, env, encoding: "utf8" })
    expect([status, stderr]).toEqual([3, expect.stringMatching(/^hanok: .*could not be written: EFBIG.*\n.*\n$/)])
    expect(await configIn(folder)).toBe(smallConfig)
    expect(await readdir(folder)).toEqual(["empty", "hanok.config.ts", "modules", "node_modules", "package.json"])
    expect([await readdir(join(folder, "modules")), await readdir(join(folder, "empty"))]).toEqual([["gift", "order"], []])
  }
})

// The second is more than a new file is given.
test.each([0o640, 0o666])("a file that is a link stays one, and keeps its mode: %i", async (mode) => {
  const folder = await projectWith({ ...smallProject, "hanok.config.ts": "" })
  await rm(join(folder, "hanok.config.ts"))
  await writeFile(join(folder, "other.ts"), smallConfig)
  await chmod(join(folder, "other.ts"), mode)
  await symlink("other.ts", join(folder, "hanok.config.ts"))
  expect(await runHanok(folder, "split", "gift")).toMatchObject({ exitCode: 0 })
  expect((await lstat(join(folder, "hanok.config.ts"))).isSymbolicLink()).toBe(true)
  expect((await lstat(join(folder, "other.ts"))).mode & 0o777).toBe(mode)
  expect(await configIn(folder)).toContain("services: { gift:")
})

test("a change with which the topology does not work is told by the file's own name, and not made", async () => {
  const text = smallConfig.replace(
    "gateway: {",
    `services: { gift: { modules: ["gift"] } },\n  gateway: { bodyLimitBytes: countOf(import.meta.url),`,
  )
  const counted = `${text}function countOf(url: string): number {\n  return url.endsWith("/hanok.config.ts") ? 1 : 0\n}\n`
  const folder = await projectWith({ ...smallProject, "hanok.config.ts": counted })
  const { stderr, exitCode } = await runHanok(folder, "merge", "gift")
  expect([exitCode, await configIn(folder)]).toEqual([2, counted])
  expect(stderr).toContain("/hanok.config.ts:6")
})

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s in the middle of a change leaves everything as it was", async (signal) => {
  // Read for the second time, it is the change that is read.
  const interrupting = `${smallConfig}if ("read" in globalThis) {
  process.kill(process.pid, "${signal}")
  await new Promise((resolve) => setTimeout(resolve, 60_000))
}
Object.assign(globalThis, { read: true })
`
  const folder = await projectWith({ ...smallProject, "hanok.config.ts": interrupting })
  const all = async () => [await readdir(folder), await readdir(join(folder, "modules"))]
  const before = await all()
  for (const args of [
    ["split", "gift"],
    ["new", "module", "tea"],
  ]) {
    expect(await runHanok(folder, ...args)).toEqual({ exitCode: 128 + constants.signals[signal], stdout: "", stderr: "" })
    expect([await configIn(folder), await all()]).toEqual([interrupting, before])
  }
})

test("a change that is not read to its end is told by the file's own name", async () => {
  const ending = `${smallConfig}if ("read" in globalThis) process.exit(0)\nObject.assign(globalThis, { read: true })\n`
  const folder = await projectWith({ ...smallProject, "hanok.config.ts": ending })
  const { exitCode, stderr } = await runHanok(folder, "split", "gift")
  expect([exitCode, await configIn(folder)]).toEqual([2, ending])
  expect(stderr).toMatch(/^hanok: hanok\.config\.ts was not read to its end\./)
})

test("what somebody else has written into the configuration meanwhile is not lost", async () => {
  // Read for the second time, it is the change that is read.
  const edited = `${smallConfig}import { appendFileSync } from "node:fs"
if ("read" in globalThis) appendFileSync("hanok.config.ts", "// meanwhile\\n")
Object.assign(globalThis, { read: true })
`
  for (const args of [
    ["split", "gift"],
    ["new", "module", "tea"],
  ]) {
    const folder = await projectWith({ ...smallProject, "hanok.config.ts": edited })
    const { exitCode, stderr } = await runHanok(folder, ...args)
    expect([exitCode, stderr]).toEqual([
      3,
      "hanok: hanok.config.ts has been changed meanwhile.\n  That change stays, and nothing else was written. Try again.\n",
    ])
    expect(await configIn(folder)).toBe(`${edited}// meanwhile\n`)
    expect([await readdir(folder), await readdir(join(folder, "modules"))]).toEqual([
      ["hanok.config.ts", "modules", "node_modules", "package.json"],
      ["gift", "order"],
    ])
  }
})

test("a configuration that somebody else changes while it is read is not taken for one that is not understood", async () => {
  const moving = `import { readFileSync, writeFileSync } from "node:fs"
${smallConfig}const text = readFileSync("hanok.config.ts", "utf8")
writeFileSync("hanok.config.ts", text.replace("gateway:", 'services: { order: { modules: ["order"] } }, gateway:'))
`
  const folder = await projectWith({ ...smallProject, "hanok.config.ts": moving })
  const { exitCode, stderr } = await runHanok(folder, "split", "gift")
  expect([exitCode, stderr]).toEqual([3, expect.stringContaining("hanok.config.ts has been changed meanwhile.\n")])
  expect(await configIn(folder)).toContain('services: { order: { modules: ["order"] } }, gateway:')
})

test("a module does not move in with others because their service has its name", async () => {
  const text = smallConfig.replace("gateway:", `services: { gift: { modules: ["order"] } },\n  gateway:`)
  const folder = await projectWith({ ...smallProject, "hanok.config.ts": text })
  const { exitCode, stderr } = await runHanok(folder, "split", "gift")
  expect([exitCode, await configIn(folder)]).toEqual([2, text])
  expect(stderr).toBe(
    "hanok: There is a service gift already, of order.\n  Name another one: hanok split gift --service gift-alone, or join it: --service gift\n",
  )
  expect(await runHanok(folder, "split", "gift", "--service", "gift")).toMatchObject({ exitCode: 0 })
})

test("a module that is called as the service of the rest moves out under another name", async () => {
  const contract = smallProject["modules/order/contract.ts"]?.replace('"order"', '"main"') ?? ""
  const folder = await projectWith({ ...smallProject, "modules/order/contract.ts": contract })
  expect(await runHanok(folder, "split", "main")).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--service main-alone\n") })
  expect(await runHanok(folder, "split", "main", "--service", "main-alone")).toMatchObject({ exitCode: 0 })
})
