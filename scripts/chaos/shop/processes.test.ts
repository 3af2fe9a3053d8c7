import { mkdtemp, rm } from "node:fs/promises"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { createProcesses } from "./processes.ts"

test("a process that is killed before it has read what it is told is gone, and nobody else", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hanok-chaos-"))
  onTestFinished(() => rm(folder, { recursive: true }))
  const processes = await createProcesses(join(folder, "socket"))
  onTestFinished(() => processes.close())
  const killed = connect(processes.socketPath).pause()
  killed.write('{ "kind": "there", "pid": 1 }\n{ "kind": "begin", "service": "order", "version": "usual" }\n')
  await expect.poll(() => processes.of("order").length).toBe(1)
  processes.of("order")[0]?.shiftClock(5)
  killed.destroy()
  await expect.poll(() => processes.all().length).toBe(0)
})
