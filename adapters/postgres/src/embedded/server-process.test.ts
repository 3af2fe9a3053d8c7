import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { startServer } from "./server-process.ts"

test("that the system starts no process for the server rejects, with what it said, and ends nothing else", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hanok-server-"))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const place = { data: join(folder, "data"), logFile: join(folder, "postgres.log"), program: "postgres" }
  const starting = startServer({
    ...place,
    prefix: [join(folder, "nothing")],
    port: 1,
    settings: {},
    log: () => undefined,
    signal: undefined,
  })
  await expect(starting).rejects.toThrow(/^PostgreSQL could not be started: spawn .*nothing ENOENT\. See to it that more processes/)
})
