import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { createServer } from "node:net"
import type { AddressInfo } from "node:net"
import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, onTestFinished, test } from "vitest"
import { freePort } from "../testing/free-port.ts"
import { backModule, busyProject } from "../testing/busy-project.ts"
import { databaseProject } from "../testing/database-project.ts"
import { projectWith } from "../testing/run-hanok.ts"
import { sendTwice } from "../testing/send-twice.ts"
import { serve } from "../testing/serving.ts"

const services = '{ back: { modules: ["back"] } }'

const ways = [
  { way: "by a list", addresses: (port: number) => `back=127.0.0.1:${port}` },
  { way: "by a DNS name", addresses: (port: number) => `back=dns:localhost:${port}` },
]

for (const { way, addresses } of ways) {
  test(`services that are served one by one find each other ${way}`, { timeout: 60_000 }, async () => {
    const folder = await projectWith(busyProject(services))
    const [seamPort, gatewayPort] = [await freePort(), await freePort()]
    serve(folder, "back", { HANOK_SEAM_PORT: String(seamPort) })
    serve(folder, "main", { HANOK_GATEWAY_PORT: String(gatewayPort), HANOK_ADDRESSES: addresses(seamPort) })
    await expect.poll(() => statusOf(gatewayPort), { timeout: 30_000 }).toBe(200)
  })
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`a ${signal} that comes twice, as where npm passes on what all have heard, is one`, { timeout: 60_000 }, async () => {
    const { child, ended, slow } = await serviceAtWork()
    sendTwice(child.pid ?? 0, signal)
    expect(await slow).toBe(200)
    expect(await ended).toBe(0)
  })
}

test(
  "a service that is told to stop answers what is under way, and is not ready, at either port, while it goes on serving for load balancers that do not know it yet",
  { timeout: 60_000 },
  async () => {
    const seamPort = await freePort()
    const { child, port, ended, slow } = await serviceAtWork({ HANOK_SEAM_PORT: String(seamPort) })
    const readiness = () => Promise.all([port, seamPort].map(async (at) => (await fetch(`http://127.0.0.1:${at}/health/ready`)).status))
    await expect.poll(readiness, { timeout: 30_000 }).toEqual([200, 200])
    child.kill("SIGTERM")
    await expect.poll(readiness, { timeout: 5_000 }).toEqual([503, 503])
    expect(await statusOf(port)).toBe(200)
    expect(await slow).toBe(200)
    expect(await ended).toBe(0)
  },
)

test("a need that cannot be made is named, with the line where that failed", { timeout: 60_000 }, async () => {
  const folder = await projectWith(busyProject("{}"))
  const need = '{ kind: "adapter", technology: "none", create: async () => ({ port: new URL("none") }) }'
  const module = backModule("1").replace("handlers:", `needs: { warehouse: ${need} },\n  handlers:`)
  await writeFile(join(folder, "modules/back/module.ts"), module)
  const { ended, errors } = serve(folder, "main", { HANOK_GATEWAY_PORT: "0" })
  expect(await ended).toBe(3)
  expect(await errors).toMatch(
    /^hanok: The need warehouse of back could not be made: Invalid URL\nTypeError: .*\n(.+\n)* +at .*back\/module\.ts:8:/,
  )
})

const leftOpen = [
  { what: "a timer", code: "setInterval(() => undefined, 1_000)\n" },
  // As of a name whose server does not answer, which the system looks up for most of a minute.
  {
    what: "a question to the system that gets no answer",
    code: 'import { open } from "node:fs"\nopen(new URL("fifo", import.meta.url), () => undefined)\n',
  },
]

test.each(leftOpen)(
  "a service that is told to stop ends, though its modules have left open $what",
  { timeout: 60_000 },
  async ({ code }) => {
    const folder = await projectWith(busyProject("{}"))
    await promisify(execFile)("mkfifo", [join(folder, "modules/back/fifo")])
    await writeFile(join(folder, "modules/back/module.ts"), backModule("1") + code)
    const port = await freePort()
    const { child, ended, errors } = serve(folder, "main", { HANOK_GATEWAY_PORT: String(port) })
    await expect.poll(() => statusOf(port), { timeout: 30_000 }).toBe(200)
    // Not by a SIGTERM, after which it lingers for load balancers first.
    child.kill("SIGINT")
    expect([await ended, await errors]).toEqual([0, ""])
  },
)

const slowStarts = [
  { what: "its configuration is being read", code: "await beside()\n" },
  { what: "one of its modules waits for what it needs", code: "Object.assign(backModule.needs, { store: { create: beside } })\n" },
]

for (const { what, code } of slowStarts) {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`a service that is told to stop by ${signal} while ${what} has stopped as it should`, { timeout: 60_000 }, async () => {
      const folder = await projectWith(busyProject("{}"))
      const beside = `import { writeFileSync } from "node:fs"
setInterval(() => undefined, 1_000)
const beside = () => (writeFileSync(new URL("begun", import.meta.url), ""), new Promise(() => undefined))
`
      await writeFile(join(folder, "modules/back/module.ts"), backModule("1") + beside + code)
      const { child, ended, errors } = serve(folder, "main", { HANOK_GATEWAY_PORT: "0" })
      await expect.poll(() => existsSync(join(folder, "modules/back/begun")), { timeout: 30_000 }).toBe(true)
      child.kill(signal)
      expect([await ended, await errors]).toEqual([0, ""])
    })
  }
}

test("a service that is told to stop while it cannot hear it, busy with its configuration, never serves", { timeout: 60_000 }, async () => {
  const folder = await projectWith(busyProject("{}"))
  const busy = `import { existsSync, writeFileSync } from "node:fs"
writeFileSync(new URL("begun", import.meta.url), "")
while (!existsSync(new URL("told", import.meta.url))) {}
`
  await writeFile(join(folder, "modules/back/module.ts"), backModule("1") + busy)
  const { child, ended, output } = serve(folder, "main", { HANOK_GATEWAY_PORT: "0" })
  await expect.poll(() => existsSync(join(folder, "modules/back/begun")), { timeout: 30_000 }).toBe(true)
  child.kill("SIGTERM")
  await writeFile(join(folder, "modules/back/told"), "")
  expect([await ended, await output]).toEqual([0, []])
})

test("a service tells where it serves", { timeout: 60_000 }, async () => {
  const folder = await projectWith(busyProject(services))
  const back = await placeOf(serve(folder, "back", {}))
  const main = await placeOf(serve(folder, "main", { HANOK_GATEWAY_PORT: "0", HANOK_ADDRESSES: `back=${back["seam"]}` }))
  await expect.poll(() => statusOf(Number(new URL(main["gateway"] ?? "").port)), { timeout: 30_000 }).toBe(200)
})

test.each([
  ["of a misspelt name", "bakc=127.0.0.1:7000", ["bakc"]],
  ["that is not set", "", []],
])(
  "a service that is to call another, of which HANOK_ADDRESSES %s does not say where it is, tells so as it starts",
  { timeout: 60_000 },
  async (_, addresses, named) => {
    const { lines } = serve(await projectWith(busyProject(services)), "main", { HANOK_GATEWAY_PORT: "0", HANOK_ADDRESSES: addresses })
    const serves = () => lines.map((line) => JSON.parse(line) as { readonly msg: string })
    await expect.poll(() => serves().at(-1)?.msg, { timeout: 30_000 }).toBe("the service serves")
    expect(serves().slice(0, -1)).toEqual([
      expect.objectContaining({ level: 40, named, msg: "HANOK_ADDRESSES does not say where back is; calls and events for it find nobody" }),
    ])
  },
)

test("a service that calls no other is told no addresses, and misses none", { timeout: 60_000 }, async () => {
  const { lines } = serve(await projectWith(busyProject(services)), "back", {})
  await expect.poll(() => lines.length, { timeout: 30_000 }).toBe(1)
  expect(lines[0]).toContain('"the service serves"')
})

test("a service that waits for what its modules need tells for what", { timeout: 60_000 }, async () => {
  const port = await freePort()
  const folder = await projectWith(databaseProject)
  const { lines } = serve(folder, "main", { HANOK_GATEWAY_PORT: "0", DATABASE_URL: `postgres://u:p@127.0.0.1:${port}/x` })
  await expect
    .poll(() => lines.map((line) => JSON.parse(line) as unknown), { timeout: 30_000 })
    .toEqual([
      expect.objectContaining({
        level: 40,
        waiting: [`count.store: PostgreSQL at 127.0.0.1:${port} cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}.`],
      }),
    ])
})

const uncaught = [
  { what: "a promise that nobody waits for", origin: "unhandledRejection", code: 'void Promise.reject(new Error("of nobody"))' },
  { what: "a callback of a module's own", origin: "uncaughtException", code: 'setTimeout(() => { throw new Error("of nobody") }, 1)' },
]

for (const { what, origin, code } of uncaught) {
  test(`an error of ${what} is told, and ends the process when what is under way has its answer`, { timeout: 60_000 }, async () => {
    const folder = await projectWith(busyProject("{}"))
    const module = backModule("1").replace("spin(spinMs)", `if (spinMs === 1) ${code}`)
    await writeFile(join(folder, "modules/back/module.ts"), module)
    const port = await freePort()
    const { ended, output } = serve(folder, "main", { HANOK_GATEWAY_PORT: String(port) })
    await expect.poll(() => statusOf(port), { timeout: 30_000 }).toBe(200)
    const slow = statusOf(port, "?waitMs=500")
    expect(await statusOf(port, "?spinMs=1")).toBe(200)
    expect(await slow).toBe(200)
    expect(await ended).toBe(1)
    const lines = (await output).filter((line) => line.includes("of nobody"))
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ level: 60, origin, error: expect.stringContaining("Error: of nobody\n") as string }),
    ])
  })
}

for (const variable of ["HANOK_SEAM_PORT", "HANOK_GATEWAY_PORT"]) {
  test(`a port of ${variable} that is taken is named, and the way to another one`, { timeout: 60_000 }, async () => {
    const taken = createServer()
    onTestFinished(() => void taken.close())
    const port = await new Promise<number>((resolve) => {
      // `address()` is an AddressInfo for a server that listens on TCP.
      taken.listen(0, "127.0.0.1", () => resolve((taken.address() as AddressInfo).port))
    })
    const { ended, errors } = serve(await projectWith(busyProject("{}")), "main", { HANOK_GATEWAY_PORT: "0", [variable]: String(port) })
    expect([await ended, await errors]).toEqual([
      3,
      `hanok: Port ${port} is taken by another program.\n  Stop that program, or choose another port (0 takes a free one): ${variable}=0\n`,
    ])
  })
}

test("what is wrong is named, with what to do", { timeout: 60_000 }, async () => {
  const folder = await projectWith(busyProject(services))
  const { ended, errors } = serve(folder, "front", {})
  expect(await ended).toBe(2)
  expect(await errors).toBe(
    "hanok: There is no service front in this topology.\n  The module front lives in the service main: hanok serve main\n",
  )
})

test.each([
  [
    { HANOK_LOG_LEVEL: "loud" },
    2,
    'hanok: HANOK_LOG_LEVEL is "loud".\n  It takes one of trace, debug, info, warn, error, fatal, silent.\n',
  ],
  [
    { HANOK_ADDRESSES: "back=10.0.0.1" },
    2,
    'hanok: HANOK_ADDRESSES: "back=10.0.0.1" is not understood.\n  Write service=host:port,host:port;service=dns:name:port.\n',
  ],
  [
    { HANOK_LISTEN_HOST: "nobody.invalid" },
    2,
    'hanok: HANOK_LISTEN_HOST is "nobody.invalid", which is no address and names none.\n  It takes one of this machine, such as 127.0.0.1 or 0.0.0.0.\n',
  ],
  [
    { HANOK_LISTEN_HOST: "203.0.113.7", HANOK_SEAM_PORT: "7123" },
    3,
    "hanok: Port 7123 of 203.0.113.7 cannot be opened: EADDRNOTAVAIL.\n  Choose another port or address: HANOK_SEAM_PORT=0\n",
  ],
  [{ HANOK_SECRET: "" }, 2, "hanok: HANOK_SECRET is not set: services sign their calls with it. Make one with: openssl rand -hex 32\n"],
  [{ HANOK_GATEWAY_PORT: "70000" }, 2, 'hanok: HANOK_GATEWAY_PORT is "70000"; it takes a port from 0 (any free one) to 65535.\n'],
  [{ HANOK_JWKS_URL: "nowhere" }, 2, "hanok: HANOK_JWKS_URL is not a URL: nowhere\n"],
  [
    { OTEL_EXPORTER_OTLP_ENDPOINT: "nowhere" },
    2,
    'hanok: OTEL_EXPORTER_OTLP_ENDPOINT is "nowhere"; it takes a URL such as http://localhost:4318.\n',
  ],
  [{ HANOK_SECRET: "short" }, 2, "hanok: HANOK_SECRET has 5 characters; it needs at least 16. Make one with: openssl rand -hex 32\n"],
])(
  "an environment that cannot be, %j, is told in a line",
  { timeout: 60_000 },
  async (env: Readonly<Record<string, string>>, code, message) => {
    const { ended, errors } = serve(await projectWith(busyProject(services)), "main", env)
    expect([await ended, await errors]).toEqual([code, message])
  },
)

/** A service that carries out a request, and what that ends with. */
async function serviceAtWork(env: Readonly<Record<string, string>> = {}) {
  const folder = await projectWith(busyProject("{}"))
  const port = await freePort()
  const { child, ended } = serve(folder, "main", { HANOK_GATEWAY_PORT: String(port), ...env })
  await expect.poll(() => statusOf(port), { timeout: 30_000 }).toBe(200)
  const slow = statusOf(port, "?waitMs=1500")
  await expect.poll(() => livenessOf(port), { timeout: 10_000 }).toBe(200)
  return { child, port, ended, slow }
}

/** What the log says of where it serves. */
async function placeOf({ lines }: ReturnType<typeof serve>): Promise<Readonly<Record<string, string>>> {
  const place = () => lines.find((line) => line.includes('"the service serves"'))
  await expect.poll(place, { timeout: 30_000 }).toBeDefined()
  // The log is lines of JSON.
  return JSON.parse(place() ?? "{}") as Readonly<Record<string, string>>
}

async function statusOf(port: number, query = ""): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/version${query}`).catch(() => undefined)
  return response?.status ?? 0
}

async function livenessOf(port: number): Promise<number> {
  return (await fetch(`http://127.0.0.1:${port}/health/live`)).status
}
