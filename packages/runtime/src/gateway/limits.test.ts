import { once } from "node:events"
import { connect } from "node:net"
import type { AddressInfo, Server, Socket } from "node:net"
import { defineContract, defineModule, query } from "@hanok/contract"
import { expect, onTestFinished, test, vi } from "vitest"
import { z } from "zod"
import { ask, createHouse, kim, openGateway, tokenFor } from "./fixture.ts"
import type { House } from "./fixture.ts"

/** One request, and no other for as long as a test may take. */
const seldom = 0.01

test("more requests than the rate allows get 429 and when to come back, and are counted", async () => {
  const house = await createHouse({ requestsPerSecond: seldom })
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask(house, "/parcels/p1")))
  const refused = answers.filter(({ status }) => status === 429)
  expect(answers.filter(({ status }) => status === 200).length).toBe(1)
  expect(refused.length).toBe(11)
  expect(refused[0]?.body).toMatchObject({ code: "TOO_MANY_REQUESTS", retryable: true, traceId: refused[0]?.headers.get("x-trace-id") })
  expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0)
  expect(house.gateway.gate.counts.rateLimited).toBe(refused.length)
})

test("behind a proxy that is believed each client has its own rate, whatever connection its requests come on", async () => {
  const house = await createHouse({ requestsPerSecond: seldom, trustedProxies: ["127.0.0.1"] })
  const from = async (client: string) => (await ask(house, "/parcels/p1", { headers: { "x-forwarded-for": client } })).status
  expect([await from("203.0.113.1"), await from("203.0.113.1"), await from("203.0.113.1")]).toEqual([200, 429, 429])
  expect(await from("203.0.113.2")).toBe(200)
})

test.each([
  ["203.0.113.1:50001", "203.0.113.1:50002", "203.0.113.1"],
  ["[2001:db8::3:4:5:6]:50001", "[2001:db8::4:4:5:6]:50002", "2001:db8::1"],
])("a proxy that names the port with the address, as in %s, makes no other client of each connection", async (...clients) => {
  const house = await createHouse({ requestsPerSecond: seldom, trustedProxies: ["127.0.0.1"] })
  const from = async (client: string) => (await ask(house, "/parcels/p1", { headers: { "x-forwarded-for": client } })).status
  expect([await from(clients[0]), await from(clients[1]), await from(clients[2])]).toEqual([200, 429, 429])
})

test("whom nobody has told it to believe does not become another client by saying so", async () => {
  const house = await createHouse({ requestsPerSecond: seldom })
  const from = async (client: string) => (await ask(house, "/parcels/p1", { headers: { "x-forwarded-for": client } })).status
  expect([await from("203.0.113.1"), await from("203.0.113.2"), await from("203.0.113.3")]).toEqual([200, 429, 429])
})

test("health is asked without limit", async () => {
  const house = await createHouse({ requestsPerSecond: seldom })
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask(house, "/health/live")))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
})

test("more requests at once than allowed are shed with 503 and counted, and let in again when others end", async () => {
  const house = await createHouse({ concurrentRequests: 1 })
  const waiting = ask(house, "/wait")
  await expect.poll(() => house.world.waiting.length).toBe(1)
  const shed = await ask(house, "/parcels/p1")
  expect(shed).toMatchObject({ status: 503, body: { code: "OVERLOADED", retryable: true, retryAfterMs: 1000 } })
  expect(shed.headers.get("retry-after")).toBe("1")
  expect((await ask(house, "/nowhere")).status).toBe(503)
  expect(house.gateway.gate.counts.shed).toEqual({ low: 0, normal: 2, high: 0 })
  house.world.waiting[0]?.release()
  expect((await waiting).body).toEqual({ waited: true })
  await expect.poll(async () => (await ask(house, "/parcels/p1")).status).toBe(200)
})

test("requests sent one behind another by a client that goes away are all given up, and leave room for others", async () => {
  const house = await createHouse({ concurrentRequests: 3 })
  const client = connect(house.gateway.address.port, "127.0.0.1")
  client.write("GET /wait HTTP/1.1\r\nHost: gateway\r\n\r\n".repeat(3))
  await expect.poll(() => house.world.waiting.length).toBe(3)
  client.destroy()
  await expect.poll(() => house.world.waiting.map(({ signal }) => signal.aborted)).toEqual([true, true, true])
  await expectRoomFor(house, 3)
})

test("an answer that its client does not read takes up room until it does, or goes away", async () => {
  stopClock()
  const house = await openGateway([bookModule()], { concurrentRequests: 1 })
  const statusOfFew = async () => (await ask(house, "/few")).status
  for (const end of ["read", "leave"]) {
    const client = connect(house.gateway.address.port, "127.0.0.1")
    onTestFinished(() => void client.destroy())
    client.write("GET /all HTTP/1.1\r\nHost: gateway\r\n\r\n")
    await new Promise((resolve) => client.once("readable", resolve))
    expect(await statusOfFew()).toBe(503)
    if (end === "read") client.resume()
    else client.destroy()
    await expect.poll(statusOfFew).toBe(200)
  }
})

test("a client that takes nothing of its answer is cut off, and leaves its room; one that has read it is kept for its next request", async () => {
  stopClock()
  const sockets: Socket[] = []
  const listening = Promise.withResolvers<number>()
  const listen = (server: Server) => {
    server.on("connection", (socket) => sockets.push(socket))
    // A server that listens on TCP.
    server.listen(0, "127.0.0.1", () => listening.resolve((server.address() as AddressInfo).port))
  }
  await openGateway([bookModule()], { concurrentRequests: 1 }, { listen })
  const port = await listening.promise
  const begin = () => {
    const client = connect(port, "127.0.0.1")
    onTestFinished(() => void client.destroy())
    client.write("GET /all HTTP/1.1\r\nHost: gateway\r\n\r\n")
    return client
  }
  const statusOfFew = async () => (await fetch(`http://127.0.0.1:${port}/few`)).status
  const patient = begin()
  await expect.poll(() => sockets[0]?.timeout).toBe(30_000)
  patient.resume()
  await expect.poll(() => sockets[0]?.timeout).toBeGreaterThan(60_000)
  begin()
  await expect.poll(() => sockets[1]?.timeout).toBe(30_000)
  expect(await statusOfFew()).toBe(503)
  // The same, sooner.
  sockets[1]?.setTimeout(100)
  await expect.poll(() => sockets[1]?.destroyed).toBe(true)
  expect(await statusOfFew()).toBe(200)
  expect(sockets[0]?.destroyed).toBe(false)
})

test("an answer that waits behind another for a client that goes away leaves its room", async () => {
  const house = await createHouse({ concurrentRequests: 2 })
  const client = connect(house.gateway.address.port, "127.0.0.1")
  client.write(["/wait", "/parcels/p1"].map((path) => `GET ${path} HTTP/1.1\r\nHost: gateway\r\n\r\n`).join(""))
  await expect.poll(() => house.world.waiting.length).toBe(1)
  await expect.poll(() => house.gateway.gate.load.inFlight).toBe(1)
  client.destroy()
  await expect.poll(() => house.world.waiting[0]?.signal.aborted).toBe(true)
  await expectRoomFor(house, 2)
})

test("whoever keeps a body back makes room when there is none, and is told so; the others are served", async () => {
  stopClock()
  const house = await createHouse({ concurrentRequests: 3 })
  const authorization = `Bearer ${await tokenFor(kim)}`
  const head = `POST /parcels HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n`
  const clients = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const client = connect(house.gateway.address.port, "127.0.0.1").setEncoding("utf8")
      onTestFinished(() => void client.destroy())
      client.write(`${head}{`)
      return { client, answer: once(client, "data") }
    }),
  )
  const statusOfOther = async () => (await ask(house, "/parcels/p1")).status
  await expect.poll(statusOfOther).toBe(503)
  vi.advanceTimersByTime(2_000)
  expect(await statusOfOther()).toBe(200)
  const [told] = await Promise.race(clients.map(({ answer }) => answer))
  expect(told).toMatch(/^HTTP\/1.1 503 [^]*nothing was begun[^]*"code":"OVERLOADED"/)
  // Its body is waited for no more, and those of the others until there is no room again.
  expect([await statusOfOther(), await statusOfOther()]).toEqual([200, 200])
  const waiting = [ask(house, "/wait")]
  await expect.poll(() => house.world.waiting.length).toBe(1)
  expect(await statusOfOther()).toBe(200)
  for (const { release } of house.world.waiting) release()
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200])
})

test("whoever takes a large answer slowly makes room when there is none", async () => {
  stopClock()
  const house = await openGateway([bookModule()], { concurrentRequests: 1 })
  const client = connect(house.gateway.address.port, "127.0.0.1")
  onTestFinished(() => void client.destroy())
  client.write("GET /all HTTP/1.1\r\nHost: gateway\r\n\r\n")
  await new Promise((resolve) => client.once("readable", resolve))
  const statusOfFew = async () => (await ask(house, "/few")).status
  expect(await statusOfFew()).toBe(503)
  vi.advanceTimersByTime(2_000)
  const closed = once(client.resume(), "close")
  expect([await statusOfFew(), await statusOfFew()]).toEqual([200, 200])
  await closed
})

test("it is ready when everything behind it is, and names what is not, but neither why nor where that is", async () => {
  const house = await createHouse()
  expect(await ask(house, "/health/ready")).toMatchObject({ status: 200, body: { status: "ready" } })
  house.missing.push("parcel.store: no connection to 127.0.0.1:5432")
  const unready = await ask(house, "/health/ready")
  expect(unready).toMatchObject({ status: 503, body: { missing: ["parcel.store"], code: "UNAVAILABLE" } })
  expect(JSON.stringify(unready.body)).not.toContain("5432")
  expect((await ask(house, "/health/live")).status).toBe(200)
})

test("closing lets a request under way finish and takes no new connection", async () => {
  const house = await createHouse()
  const waiting = ask(house, "/wait")
  await expect.poll(() => house.world.waiting.length).toBe(1)
  // Longer than this test may take: it is not the grace that ends the connection.
  const closing = house.gateway.close({ graceMs: 600_000 })
  await expect.poll(() => connects(house.gateway.address.port)).toBe(false)
  house.world.waiting[0]?.release()
  expect(await waiting).toMatchObject({ status: 200, body: { waited: true } })
  await closing
})

test("after the grace what is still under way is cut and cancelled", async () => {
  const house = await createHouse()
  const waiting = ask(house, "/wait").catch(() => "cut")
  await expect.poll(() => house.world.waiting.length).toBe(1)
  await house.gateway.close({ graceMs: 10 })
  expect(await waiting).toBe("cut")
  await expect.poll(() => house.world.waiting[0]?.signal.aborted).toBe(true)
})

/** So that nobody waits for long until it is told to go on. */
function stopClock(): void {
  vi.useFakeTimers({ toFake: ["performance"] })
  onTestFinished(() => void vi.useRealTimers())
}

/** A short answer, and one of which a connection does not take all by itself. */
function bookModule() {
  const text = "x".repeat(32_000_000)
  const contract = defineContract("book", {
    all: query({ input: z.object({}), output: z.object({ text: z.string() }), access: "public", http: "GET /all" }),
    few: query({ input: z.object({}), output: z.object({}), access: "public", http: "GET /few" }),
  })
  return defineModule({ contract, owner: "team-book", handlers: { all: () => () => ({ text }), few: () => () => ({}) } })
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false))
    socket.once("connect", () => socket.destroy())
  })
}

/** That so many requests may be under way at once. */
async function expectRoomFor(house: House, count: number): Promise<void> {
  const before = house.world.waiting.length
  const others = Array.from({ length: count }, () => ask(house, "/wait"))
  await expect.poll(() => house.world.waiting.length).toBe(before + count)
  for (const { release } of house.world.waiting) release()
  expect((await Promise.all(others)).map(({ status }) => status)).toEqual(Array.from({ length: count }, () => 200))
}
