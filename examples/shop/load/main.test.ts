import { spawn } from "node:child_process"
import { createServer } from "node:http"
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, test } from "vitest"

const program = fileURLToPath(new URL("main.ts", import.meta.url))
const page = JSON.stringify({
  items: [{ itemId: "i1", partnerId: "p1", name: "Cup", basePriceCents: 1, state: "ON_SALE" }],
  nextCursor: null,
})

/** A shop of which nothing but the list of items works: the rest answers with this status. */
async function brokenShop(status: number): Promise<{ readonly url: string; readonly server: Server; requests: number }> {
  const server = createServer((request, response) => {
    broken.requests += 1
    const works = request.url?.startsWith("/items?") || request.url === "/items"
    response.writeHead(works ? 200 : status, { "content-type": "application/json" }).end(works ? page : "{}")
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  // A server that listens on TCP.
  const broken = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, requests: 0 }
  return broken
}

let failing: Awaited<ReturnType<typeof brokenShop>>
let refusing: typeof failing

beforeAll(async () => {
  failing = await brokenShop(500)
  refusing = await brokenShop(404)
})
afterAll(async () => {
  for (const { server } of [failing, refusing]) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] })
  let out = ""
  let err = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (out += text))
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (err += text))
  const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, out, err })))
  return { child, ended }
}

test("help is printed, and a wrong option ends with 2", async () => {
  const [help, wrong] = await Promise.all([start("--help").ended, start("--season", "winter").ended])
  expect([help.code, help.out]).toEqual([0, expect.stringContaining("--customers <n>")])
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringMatching(/--season is "winter".*--help/s)])
})

test("a shop that is not there ends with 2", async () => {
  const { code, err } = await start("--url", "http://127.0.0.1:1").ended
  expect([code, err]).toEqual([2, expect.stringContaining("ECONNREFUSED")])
})

test("too many failures end with 1, and the summary counts them", async () => {
  const { code, out } = await start("--url", failing.url, "--seconds", "1", "--rate", "200", "--customers", "5", "--json").ended
  // The program prints its report.
  const report = JSON.parse(out) as { failures: number; errors: Record<string, number> }
  expect([code, report.errors]).toEqual([1, { HTTP_500: report.failures }])
})

test("refusals are no failures, and the first Ctrl-C ends with a summary", async () => {
  const { child, ended } = start("--url", refusing.url, "--seconds", "600", "--rate", "200")
  // Some of them are made before the clock starts.
  await expect.poll(() => refusing.requests, { timeout: 15_000 }).toBeGreaterThan(100)
  child.kill("SIGINT")
  const { code, out } = await ended
  expect([code, out]).toEqual([0, expect.stringMatching(/operation .*item\.items .*0 failed \(0\.00 %\)/s)])
})
