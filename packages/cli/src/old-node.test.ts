import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, test } from "vitest"

const program = fileURLToPath(new URL("../bin/hanok.mjs", import.meta.url))

/** The command as a Node of that version would run it. */
function runBy(version: string) {
  const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`
  return promisify(execFile)(process.execPath, ["--import", `data:text/javascript,${encodeURIComponent(pretend)}`, program, "--help"])
}

test("a Node that is too old is told so, in a line and with what to do", async () => {
  const ended = runBy("20.20.2")
  await expect(ended).rejects.toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringMatching(/^hanok needs Node 24 .* 20\.20\.2.*\n$/),
  })
  await expect(ended).rejects.toMatchObject({ stderr: expect.stringContaining("npx hanok") })
})

test("a newer Node is as good", async () => {
  expect((await runBy("26.0.0")).stdout).toContain("Usage: hanok")
})
