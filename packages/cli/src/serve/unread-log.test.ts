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
