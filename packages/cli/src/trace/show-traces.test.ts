import { spawn } from "node:child_process"
import { once } from "node:events"
import { createServer } from "node:http"
import type { ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { createTelemetry, createTelemetryServer } from "@hanok/telemetry"
import { expect, onTestFinished, test } from "vitest"
import { writeFacts } from "../dev/announce.ts"
import { projectWith, runHanok } from "../testing/run-hanok.ts"
import { runDev } from "../testing/running-dev.ts"

const bin = fileURLToPath(new URL("../../bin/hanok.mjs", import.meta.url))

const project = {
  "package.json": '{ "name": "clock", "type": "module" }',
  "hanok.config.ts": `import { defineContract, defineModule, defineTopology, query } from "@hanok/contract"
import { z } from "zod"
const clockContract = defineContract("clock", {
  time: query({ input: z.object({}), output: z.object({ at: z.string() }), access: "public", http: "GET /time" }),
})
const clockModule = defineModule({
  contract: clockContract,
  owner: "team-clock",
  handlers: { time: () => () => ({ at: new Date().toISOString() }) },
  jobs: { tick: { everyMs: 50, run: () => async () => undefined } },
})
export default defineTopology({ modules: [clockModule], gateway: { port: 0 } })
`,
}

test("the last requests are shown, and the runs of jobs when they are asked for", async () => {
  const folder = await projectWith(project)
  const dev = await runDev(folder, "--no-watch")
  const traces = async (...args: readonly string[]) => (await runHanok(folder, "trace", ...args)).stdout
  expect(await traces()).toBe("No request has been traced yet; --all shows the runs of jobs, too.\n")
  expect(await traces("--errors")).toBe("Nothing that has been traced has failed.\n")
  expect((await fetch(`${dev.facts.gatewayUrl}/time`)).status).toBe(200)
  await expect.poll(() => traces(), { timeout: 20_000 }).toContain("GET /time")
  await expect.poll(() => traces("--all"), { timeout: 20_000 }).toContain("job clock.tick")
  expect(await traces()).not.toContain("job clock.tick")
}, 60_000)

test.each([
  ["localhost:4318", 2, '--url is "localhost:4318".\n  It takes the address of a telemetry server'],
  ["http://127.0.0.1:4", 3, "http://127.0.0.1:4 does not answer: connect ECONNREFUSED 127.0.0.1:4\n"],
])("where nothing can be asked (%s), it is said why", async (url, exitCode, message) => {
  expect(await runHanok(tmpdir(), "trace", "--url", url)).toEqual({ exitCode, stdout: "", stderr: expect.stringContaining(message) })
})

test("of one that answers nothing, as a hanok dev that was stopped, it is told that it is waited for", { timeout: 60_000 }, async () => {
  const server = createServer().listen(0)
  onTestFinished(() => void server.close())
  await once(server, "listening")
  // A TCP server's address is always this.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const child = spawn(process.execPath, [bin, "trace", "--url", url, "abc"], { stdio: ["ignore", "ignore", "pipe"] })
  const closed = once(child, "close")
  let said = ""
  child.stderr.on("data", (piece) => (said += String(piece)))
  // Of a request that is what the event brings.
  const [, answer] = (await once(server, "request")) as [unknown, ServerResponse]
  await expect.poll(() => said, { timeout: 20_000 }).toContain(`${url} has not answered yet; still waiting.`)
  answer.writeHead(404).end('{"code":"NOT_FOUND"}')
  expect([await closed, said]).toEqual([[1, null], expect.stringContaining("There is no such trace: abc")])
})

test("another program is not taken for one that keeps traces", async () => {
  const server = createServer(({ url }, answer) => void answer.writeHead(url === "/api/traces/abc" ? 200 : 404).end("<html>")).listen(0)
  onTestFinished(() => void server.close())
  await once(server, "listening")
  // A TCP server's address is always this.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const args of [[], ["abc"], ["def"]]) {
    const { exitCode, stderr } = await runHanok(tmpdir(), "trace", "--url", url, ...args)
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining(`${url} is no telemetry server of Hanok`)])
  }
})

test("a trace that is not there, and a number that cannot be, are told as they are", async () => {
  const telemetry = await createTelemetry({ folder: await projectWith({}) })
  onTestFinished(() => telemetry.close())
  const server = await createTelemetryServer({ telemetry, port: 0 })
  onTestFinished(() => server.close())
  const trace = (...args: readonly string[]) => runHanok(tmpdir(), "trace", "--url", server.url, ...args)
  expect(await trace("abc")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("There is no such trace: abc") })
  expect(await trace("한옥/a b")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("There is no such trace: 한옥/a b\n") })
  expect(await trace("--limit", "5000")).toMatchObject({ exitCode: 2, stderr: "hanok: limit is 5000; it takes 1 to 1000.\n" })
})

test("a limit that is none is bad input, whether anybody keeps traces or not", async () => {
  const ran = await runHanok(await projectWith(project), "trace", "--limit", "none")
  expect([ran.exitCode, ran.stderr]).toEqual([2, 'hanok: --limit is "none".\n  It takes a whole number from 1.\n'])
})

test("traces are found while the configuration does not work", async () => {
  const folder = await projectWith({ "hanok.config.ts": "const =\n" })
  const telemetry = await createTelemetry({ folder: await projectWith({}) })
  onTestFinished(() => telemetry.close())
  const server = await createTelemetryServer({ telemetry, port: 0 })
  onTestFinished(() => server.close())
  writeFacts(join(folder, ".hanok"), { gatewayUrl: undefined, telemetryUrl: server.url, pid: process.pid, processes: 1, pids: [] })
  expect(await runHanok(folder, "trace")).toEqual({
    exitCode: 0,
    stderr: "",
    stdout: expect.stringContaining("No request has been traced yet"),
  })
})
