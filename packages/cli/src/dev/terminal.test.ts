import { spawn } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, onTestFinished, test } from "vitest"
import { backModule, busyProject } from "../testing/busy-project.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { readFacts } from "./announce.ts"

const bin = fileURLToPath(new URL("../../bin/hanok.mjs", import.meta.url))

test(
  "a terminal that takes nothing for a while, as after Ctrl-S, holds nothing up: traces are kept, what crashes is started again, and all is printed later",
  { timeout: 180_000 },
  async () => {
    const folder = await projectWith(busyProject('{ back: { modules: ["back"] } }'))
    const talkative = backModule("1")
      .replace("async ({ waitMs, spinMs })", "async ({ waitMs, spinMs }, { log })")
      .replace("spin(spinMs)", `log.info("x".repeat(100_000))`)
    await writeFile(join(folder, "modules/back/module.ts"), talkative)
    const terminal = openTerminal(folder)
    await expect.poll(terminal.text, { timeout: 60_000 }).toContain("Ctrl-C stops everything")
    const facts = async () => (await readFacts(join(folder, ".hanok"))) ?? expect.fail("no facts")
    const { gatewayUrl, telemetryUrl, pids } = await facts()
    terminal.hold()
    for (let count = 0; count < 10; count++) expect((await fetch(`${gatewayUrl}/version`)).status).toBe(200)
    const answersIn20s = () => fetch(`${telemetryUrl}/api/traces`, { signal: AbortSignal.timeout(20_000) })
    expect((await answersIn20s()).status).toBe(200)
    const [victim = 0] = pids
    process.kill(victim, "SIGKILL")
    const isReplaced = async () => (await facts()).pids.length === pids.length && !(await facts()).pids.includes(victim)
    await expect.poll(isReplaced, { timeout: 60_000 }).toBe(true)
    expect(terminal.text()).not.toContain("ended: SIGKILL")
    terminal.release()
    await expect.poll(terminal.text, { timeout: 60_000 }).toContain("ended: SIGKILL")
    expect(terminal.text().match(/x{100000}/g)).toHaveLength(10)
    terminal.type("\u0003")
    expect(await terminal.ended).toBe(0)
  },
)

test("a terminal that shows no colours is sent none", { timeout: 120_000 }, async () => {
  const terminal = openTerminal(await projectWith(busyProject("{}")), { TERM: "dumb" })
  await expect.poll(terminal.text, { timeout: 60_000 }).toContain("hanok        Ctrl-C stops everything")
  expect(terminal.text()).not.toContain("\u001b")
  terminal.type("\u0003")
  expect(await terminal.ended).toBe(0)
})

/** A terminal in which `hanok dev` runs in that folder. */
function openTerminal(folder: string, more: NodeJS.ProcessEnv = {}) {
  const { DATABASE_URL: _, OTEL_EXPORTER_OTLP_ENDPOINT: __, VITEST: ___, ...env } = process.env
  // A shell that stays between, as dash does, would be ended by the Ctrl-C itself.
  const command = `exec '${process.execPath}' '${bin}' dev --port 0 --no-watch`
  const child = spawn("script", ["-qefc", command, "/dev/null"], {
    cwd: folder,
    env: { ...env, ...more },
    stdio: ["pipe", "pipe", "ignore"],
  })
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve))
  onTestFinished(async () => {
    child.stdout.resume()
    child.kill("SIGTERM")
    await ended
  })
  let text = ""
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (text += piece))
  return {
    ended,
    text: () => text,
    hold: () => void child.stdout.pause(),
    release: () => void child.stdout.resume(),
    type: (keys: string) => void child.stdin.write(keys),
  }
}
