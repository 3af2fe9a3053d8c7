import { closeSync, openSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { backModule, busyProject } from "../testing/busy-project.ts"
import { freePort } from "../testing/free-port.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { serve } from "../testing/serving.ts"

const logs = [
  { what: "nobody reads", open: () => "pipe" as const, exitCode: 0 },
  // The environment was in the way.
  { what: "finds no room on the disk", open: openFull, exitCode: 3 },
]

for (const { what, open, exitCode } of logs) {
  test(`a service whose log ${what} serves all the same, and ends when it is told to`, { timeout: 60_000 }, async () => {
    const folder = await projectWith(busyProject("{}"))
    const talkative = backModule("1")
      .replace("async ({ waitMs, spinMs })", "async ({ waitMs, spinMs }, { log })")
      .replace("spin(spinMs)", `log.info("x".repeat(100_000))`)
    await writeFile(join(folder, "modules/back/module.ts"), talkative)
    const port = await freePort()
    const { child, ended } = serve(folder, "main", { HANOK_GATEWAY_PORT: String(port) }, [], open())
    const status = () =>
      fetch(`http://127.0.0.1:${port}/version`).then(
        (response) => response.status,
        () => 0,
      )
    await expect.poll(status, { timeout: 30_000 }).toBe(200)
    child.stdout?.pause()
    for (let count = 0; count < 30; count++) expect(await status()).toBe(200)
    // Not by a SIGTERM, after which it lingers for load balancers first.
    child.kill("SIGINT")
    expect(await ended).toBe(exitCode)
  })
}

/** A disk that is full. */
function openFull(): number {
  const descriptor = openSync("/dev/full", "w")
  onTestFinished(() => closeSync(descriptor))
  return descriptor
}

test("lines of log and what modules print to the console stay whole, however slowly both are read", { timeout: 60_000 }, async () => {
  const folder = await projectWith(busyProject("{}"))
  const talkative = backModule("1")
    .replace("async ({ waitMs, spinMs })", "async ({ waitMs, spinMs }, { log })")
    .replace("spin(spinMs)", `for (let line = 0; line < 3_000; line++) { log.info("logged"); console.log("printed") }`)
  await writeFile(join(folder, "modules/back/module.ts"), talkative)
  const port = await freePort()
  const { child, output } = serve(folder, "main", { HANOK_GATEWAY_PORT: String(port), HANOK_LOG_LEVEL: "info" })
  const ask = () => fetch(`http://127.0.0.1:${port}/version`).then(({ status }) => status)
  child.stdout?.pause()
  await expect.poll(() => ask().catch(() => 0), { timeout: 30_000 }).toBe(200)
  expect([await ask(), await ask()]).toEqual([200, 200])
  child.stdout?.resume()
  child.kill("SIGINT")
  const lines = await output
  const printed = lines.filter((line) => line === "printed")
  const logged = lines.filter((line) => /^\{"level":30,.*"msg":"logged"\}$/.test(line))
  const others = lines.filter((line) => line !== "printed" && !logged.includes(line))
  expect([printed.length, logged.length]).toEqual([9_000, 9_000])
  expect(others.filter((line) => !/^\{"level":\d+,.*\}$/.test(line))).toEqual([])
})
