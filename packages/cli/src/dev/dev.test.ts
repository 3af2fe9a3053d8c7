import { spawn } from "node:child_process"
import { createServer } from "node:net"
import type { AddressInfo, Server } from "node:net"
import { chmod, mkdtemp, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { expect, onTestFinished, test } from "vitest"
import { isAlive } from "../is-alive.ts"
import { readable } from "./output.ts"
import { freePort } from "../testing/free-port.ts"

const root = fileURLToPath(new URL("../../../../", import.meta.url))
const hello = join(root, "examples/hello/hello.ts")

async function dev(port: string, given?: string) {
  const data = given ?? (await mkdtemp(join(tmpdir(), "hanok-dev-")))
  const options = ["dev", "--config", hello, "--data", data, "--port", port, "--no-watch", "--json"]
  const child = spawn(process.execPath, [join(root, "packages/cli/bin/hanok.mjs"), ...options], { stdio: ["ignore", "pipe", "pipe"] })
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve))
  onTestFinished(async () => {
    child.kill("SIGINT")
    await ended
    await rm(data, { recursive: true, force: true })
  })
  const line = new Promise<string>((resolve) => createInterface({ input: child.stdout }).once("line", resolve))
  return { data, child, ended, line, errors: text(child.stderr) }
}

interface Facts {
  readonly gatewayUrl: string
  readonly telemetryUrl: string
  readonly pids: readonly number[]
}

function portOf(server: Server): Promise<number> {
  return new Promise((resolve) => {
    // `address()` is an AddressInfo for a server that listens on TCP.
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port))
  })
}

test("a --port that is no port is told of by that name, and before anything is read", async () => {
  const { ended, errors } = await dev("99999")
  expect([await ended, readable(await errors)]).toEqual([
    2,
    'hanok: --port is "99999".\n  It takes a port from 0 (any free one) to 65535.\n',
  ])
})

test("a topology runs, keeps its traces, starts a killed process again, and leaves none behind", async () => {
  const { child, ended, line } = await dev(String(await freePort()))
  const { gatewayUrl, telemetryUrl, pids } = JSON.parse(await line) as Facts
  const greet = async () => (await fetch(`${gatewayUrl}/greetings/Mina`, { headers: { connection: "close" } })).status
  expect(await greet()).toBe(200)
  const traces = async () => (await (await fetch(`${telemetryUrl}/api/traces`)).json()) as { name: string }[]
  await expect.poll(async () => (await traces()).map(({ name }) => name), { timeout: 10_000 }).toContain("GET /greetings/{name}")
  const [pid = 0] = pids
  process.kill(pid, "SIGKILL")
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  // The port stays open: who comes meanwhile waits.
  expect(await greet()).toBe(200)
  child.kill("SIGINT")
  expect(await ended).toBe(0)
}, 60_000)

test("the folder for data is made for its owner only, and one that was there stays as it was", async () => {
  const there = await mkdtemp(join(tmpdir(), "hanok-dev-"))
  await chmod(there, 0o755)
  const made = join(there, "data")
  const modeOf = async (folder: string) => ((await stat(folder)).mode & 0o777).toString(8)
  await (
    await dev("0", made)
  ).line
  expect([await modeOf(made), await modeOf(there)]).toEqual(["700", "755"])
  await (
    await dev("0", there)
  ).line
  expect(await modeOf(there)).toBe("755")
}, 60_000)

test("a taken port is named once, with what to do", async () => {
  const taken = createServer()
  onTestFinished(() => void taken.close())
  const port = await portOf(taken)
  const { ended, errors } = await dev(String(port))
  expect(await ended).toBe(3)
  expect(await errors).toBe(
    `hanok: Port ${port} is taken by another program.\n  Stop that program, or choose another port (0 takes a free one): --port 0\n`,
  )
}, 60_000)

test("a second one in the same folder names the first, and leaves it alone", async () => {
  const first = await dev("0")
  const { gatewayUrl } = JSON.parse(await first.line) as Facts
  const second = await dev("0", first.data)
  expect(await second.ended).toBe(3)
  expect(await second.errors).toBe(
    `hanok: hanok dev is running here already: process ${first.child.pid}, ${gatewayUrl}\n` +
      "  Stop it first (Ctrl-C there), or give this one a folder of its own: hanok dev --data <folder> --port 0\n",
  )
  expect((await fetch(`${gatewayUrl}/greetings/Mina`, { headers: { connection: "close" } })).status).toBe(200)
}, 60_000)

test("what a killed one has left behind keeps nobody from starting", async () => {
  const data = await mkdtemp(join(tmpdir(), "hanok-dev-"))
  const left = (facts: object | string) => writeFile(join(data, "dev.json"), typeof facts === "string" ? facts : JSON.stringify(facts))
  // Its number is another program's by now.
  await left({ gatewayUrl: `http://127.0.0.1:${await freePort()}`, pid: process.pid, processes: 1, pids: [] })
  const first = await dev("0", data)
  await first.line
  first.child.kill("SIGINT")
  expect(await first.ended).toBe(0)
  // Killed while it wrote them.
  await left('{"gatewayUrl":"http:')
  const second = await dev("0", data)
  expect(JSON.parse(await second.line)).toMatchObject({ processes: 1 })
}, 60_000)

test("log lines are printed for people, and other lines as they are", () => {
  const line = JSON.stringify({ level: 40, time: 1, service: "order", instance: "7", trace_id: "abc", sku: "s-1", msg: "stock is low" })
  expect(readable(line)).toBe("WARN stock is low sku=s-1 trace=abc")
  expect(readable("{ not a log line")).toBe("{ not a log line")
})
