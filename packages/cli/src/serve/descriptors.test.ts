import { execFileSync } from "node:child_process"
import { connect } from "node:net"
import { expect, onTestFinished, test } from "vitest"
import { busyProject } from "../testing/busy-project.ts"
import { freePort } from "../testing/free-port.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { serve } from "../testing/serving.ts"

test("a service that has no file descriptor left says so, and serves again when it has", { timeout: 60_000 }, async () => {
  const folder = await projectWith(busyProject("{}"))
  const port = await freePort()
  const { child, lines } = serve(folder, "main", { HANOK_GATEWAY_PORT: String(port) })
  const status = () =>
    fetch(`http://127.0.0.1:${port}/version`, { headers: { connection: "close" } }).then(
      (response) => response.status,
      () => 0,
    )
  await expect.poll(status, { timeout: 30_000 }).toBe(200)
  execFileSync("prlimit", ["--pid", String(child.pid), "--nofile=64:64"])
  const idle = Array.from({ length: 100 }, () => connect(port, "127.0.0.1").on("error", () => undefined))
  onTestFinished(() => idle.forEach((socket) => socket.destroy()))
  const said = (text: string) => expect.poll(() => lines.filter((line) => line.includes(text)), { timeout: 20_000 }).toHaveLength(1)
  await said("no file descriptor is left")
  for (const socket of idle) socket.destroy()
  await said("there are file descriptors again")
  expect(await status()).toBe(200)
})
