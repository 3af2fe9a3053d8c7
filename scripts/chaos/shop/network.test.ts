import { once } from "node:events"
import { connect, createServer } from "node:net"
import type { AddressInfo, Server, Socket } from "node:net"
import { afterEach, beforeEach, expect, test } from "vitest"
import { createNetwork } from "./network.ts"
import type { Line, Network } from "./network.ts"
import { fair } from "./weather.ts"

let server: Server
let network: Network
let line: Line
let client: Socket
let heard = ""

beforeEach(async () => {
  server = createServer((socket) => socket.on("error", () => undefined).pipe(socket)).listen(0, "127.0.0.1")
  await once(server, "listening")
  network = createNetwork()
  line = await network.open((server.address() as AddressInfo).port)
  client = connect(line.port, "127.0.0.1")
  heard = ""
  client.on("data", (text) => (heard += String(text))).on("error", () => undefined)
})
afterEach(async () => {
  client.destroy()
  await network.close()
  server.close()
})

test("in fair weather everything comes back as it was sent", async () => {
  client.write("one ")
  client.write("two")
  await expect.poll(() => heard).toBe("one two")
})

test("through a cut nothing comes, and when it is mended everything does, in its order", async () => {
  client.write("one ")
  await expect.poll(() => heard).toBe("one ")
  line.weather({ ...fair, cut: true })
  client.write("two ")
  client.write("three")
  line.weather(fair)
  await expect.poll(() => heard).toBe("one two three")
})

test("a delay is added in each direction", async () => {
  line.weather({ ...fair, delayMs: 60 })
  client.write("warm")
  await expect.poll(() => heard).toBe("warm")
  const begun = performance.now()
  client.write("!")
  await expect.poll(() => heard).toBe("warm!")
  expect(performance.now() - begun).toBeGreaterThanOrEqual(119)
})

test("when the line is closed, connections break and no new ones come about", async () => {
  client.write("one")
  await expect.poll(() => heard).toBe("one")
  line.close()
  await once(client, "close")
  const again = connect(line.port, "127.0.0.1")
  const [error] = await once(again, "error")
  expect(error).toMatchObject({ code: "ECONNREFUSED" })
})
