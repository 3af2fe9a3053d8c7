import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { expect, onTestFinished, test } from "vitest"
import { projectWith, runHanok } from "./testing/run-hanok.ts"
import { smallConfig, smallProject } from "./testing/small-project.ts"

const bin = fileURLToPath(new URL("../bin/hanok.mjs", import.meta.url))

/** What `hanok` does in that shell's line, in which `hanok` stands for it. */
function shell(cwd: string, line: string, env: Readonly<Record<string, string>> = {}) {
  const script = `set -o pipefail; hanok() { "${process.execPath}" "${bin}" "$@"; }; ${line}`
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script], { cwd, encoding: "utf8", env: { ...process.env, ...env } })
  return { exitCode: status, stdout, stderr }
}

test("whoever reads no further is no error", async () => {
  const folder = await projectWith(smallProject)
  expect(shell(folder, "hanok graph --json | true")).toEqual({ exitCode: 0, stdout: "", stderr: "" })
})

test("an exit code stays what it is when nobody reads the message", async () => {
  expect(shell(await projectWith({}), "hanok graph --config none.ts 2>&1 | true").exitCode).toBe(2)
})

test("what went wrong, which a module may say in its own words, does nothing to a terminal", async () => {
  const folder = await projectWith({ ...smallProject, "hanok.config.ts": 'throw new Error("\\u001b]0;owned\\u0007 \\u001b[31mred")\n' })
  const { exitCode, stderr } = await runHanok(folder, "graph")
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("Error: \ufffd]0;owned\ufffd \u001b[31mred")])
  expect(stderr).not.toContain("\u001b]")
})

test("hanok says which version it is of", async () => {
  const said = { exitCode: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string, stderr: "" }
  for (const option of ["--version", "-V"]) expect(shell(await projectWith({}), `hanok ${option}`)).toEqual(said)
})

test("output that finds no room is an error, in a line", async () => {
  const { exitCode, stderr } = shell(await projectWith(smallProject), "hanok graph > /dev/full")
  expect([exitCode, stderr]).toEqual([3, expect.stringMatching(/^hanok: standard output cannot be written: .*\n$/)])
})

test("what an application has opened, as it was read, keeps no command waiting", { timeout: 60_000 }, async () => {
  const folder = await projectWith({ ...smallProject, "hanok.config.ts": `${smallConfig}setInterval(() => undefined, 1_000)\n` })
  expect(await runHanok(folder, "graph")).toMatchObject({ exitCode: 0 })
  expect(await runHanok(folder, "check")).toMatchObject({ exitCode: 0 })
  expect(await runHanok(folder, "split", "gift", "--dry-run")).toMatchObject({ exitCode: 0 })
})

test.each(["await new Promise(() => undefined)", "process.exit(0)"])("a configuration that says %s is named", async (statement) => {
  const folder = await projectWith({ ...smallProject, "hanok.config.ts": `${smallConfig}${statement}\n` })
  for (const command of ["graph", "check"]) {
    const { exitCode, stdout, stderr } = await runHanok(folder, command)
    expect([exitCode, stdout]).toEqual([2, ""])
    expect(stderr).toMatch(/^hanok: .*hanok\.config\.ts was not read to its end\.\n {2}Something at the top level.*\n$/)
  }
})

test.each(["graph", "check"])("an error that nobody caught is not taken for a no: hanok %s", async (command) => {
  const config = `${smallConfig}Promise.reject(new Error("no database"))\n`
  const { exitCode, stderr } = await runHanok(await projectWith({ ...smallProject, "hanok.config.ts": config }), command)
  expect(exitCode).not.toBe(1)
  expect(stderr).toMatch(/^hanok: nobody caught an error: Error: no database\n {4}at .*hanok\.config\.ts:10/)
})

test("--no-color weighs more than what the environment says of colours", async () => {
  const folder = await projectWith(smallProject)
  const coloured = (line: string) => shell(folder, line, { FORCE_COLOR: "1" }).stdout.includes("\u001b[")
  expect(["hanok split gift --dry-run", "hanok --no-color split gift --dry-run"].map(coloured)).toEqual([true, false])
})

test("what the system refuses is told with where it did and what to do, and no stack", async () => {
  const { exitCode, stderr } = await runHanok(await projectWith(smallProject), "dev", "--data", "package.json/data")
  const told = /^hanok: Data cannot be kept in .*package\.json.*: ENOTDIR: not a directory, .*\n {2}See to it .* --data <folder>\n$/
  expect([exitCode, stderr]).toEqual([3, expect.stringMatching(told)])
})

test.each(["", 'import console from "node:console"\n', 'import { log } from "node:console"\nconst console = { log }\n'])(
  "what an application prints as it is read is no part of the answer, by whatever console: %j",
  async (imported) => {
    const folder = await projectWith({ ...smallProject, "hanok.config.ts": `${imported}${smallConfig}console.log("17 variables read")\n` })
    for (const args of [
      ["graph", "--json"],
      ["check", "--json"],
      ["split", "gift", "--dry-run", "--json"],
    ]) {
      const { exitCode, stdout, stderr } = await runHanok(folder, ...args)
      expect([exitCode, stderr]).toEqual([0, "17 variables read\n"])
      expect(JSON.parse(stdout)).toBeTypeOf("object")
    }
  },
)

test("a configuration that is read for long is named meanwhile", { timeout: 60_000 }, async () => {
  const endless = "await new Promise(() => setInterval(() => undefined, 1_000))"
  const folder = await projectWith({ ...smallProject, "hanok.config.ts": `${smallConfig}${endless}\n` })
  const child = spawn(process.execPath, [bin, "graph"], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] })
  onTestFinished(() => void child.kill("SIGKILL"))
  const [said] = (await once(child.stderr, "data")) as [Buffer]
  expect(said.toString()).toMatch(
    /^hanok: hanok\.config\.ts is still being read: the machine has little time for it, or something at the top level of it/,
  )
})
