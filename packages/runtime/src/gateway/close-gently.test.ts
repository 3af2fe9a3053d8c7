import { Agent, get } from "node:http"
import type { IncomingMessage } from "node:http"
import type { AddressInfo, Server } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { expect, onTestFinished, test } from "vitest"
import { ask, createHouse, openGateway } from "./fixture.ts"

test("while it lingers it goes on serving, so that load balancers can look elsewhere", async () => {
  const house = await createHouse()
  const closing = house.gateway.close({ graceMs: 20_000, lingerMs: 5_000 })
  const served = await ask(house, "/parcels/p1")
  expect([served.status, served.headers.get("connection")]).toEqual([200, "close"])
  await closing
  await expect(ask(house, "/parcels/p1")).rejects.toThrow()
})

test("a request that is on its way as the port is closed is answered", async () => {
  const { gateway } = await createHouse()
  const agent = keepAliveAgent()
  await answerOf(gateway.address.port, agent)
  const closing = gateway.close({ graceMs: 20_000, lingerMs: 1 })
  await expect.poll(() => answerOf(gateway.address.port, new Agent()).catch(String), { interval: 5 }).toMatch(/ECONNREFUSED/)
  expect((await answerOf(gateway.address.port, agent)).headers.connection).toBe("close")
  await closing
})

test("where others listen on its port a request that comes on an open connection while closing is answered, and told to close", async () => {
  const { gateway, port } = await openElsewhere()
  const agent = keepAliveAgent()
  expect((await answerOf(port, agent, "/health/live")).headers.connection).toBe("keep-alive")
  const closing = gateway.close({ graceMs: 20_000, lingerMs: 20_000 })
  const last = await answerOf(port, agent, "/health/live")
  expect(last.statusCode).toBe(200)
  expect(last.headers.connection).toBe("close")
  await closing
})

test("a connection on which nothing comes is closed when it has lingered", async () => {
  const { gateway } = await createHouse()
  const agent = keepAliveAgent()
  await answerOf(gateway.address.port, agent)
  await gateway.close({ graceMs: 20_000, lingerMs: 10 })
})

test("requests under way when the lingering ends still finish", async () => {
  const house = await createHouse()
  const agent = keepAliveAgent()
  const waiting = answerOf(house.gateway.address.port, agent, "/wait")
  await expect.poll(() => house.world.waiting.length).toBe(1)
  const closing = house.gateway.close({ graceMs: 20_000, lingerMs: 1 })
  const ended = closing.then(() => "closed")
  expect(await Promise.race([ended, new Promise((resolve) => setTimeout(() => resolve("open"), 50))])).toBe("open")
  house.world.waiting[0]?.release()
  expect((await waiting).statusCode).toBe(200)
  await closing
})

test("a gateway that may take any time to close cuts nothing", async () => {
  const house = await createHouse()
  const waiting = answerOf(house.gateway.address.port, keepAliveAgent(), "/wait")
  await expect.poll(() => house.world.waiting.length).toBe(1)
  const closing = house.gateway.close({ graceMs: Number.POSITIVE_INFINITY })
  await sleep(20)
  house.world.waiting[0]?.release()
  expect((await waiting).statusCode).toBe(200)
  await closing
})

test("a gateway that listens elsewhere serves there", async () => {
  const { gateway, port } = await openElsewhere()
  const answer = await answerOf(port, keepAliveAgent(), "/health/live")
  expect(answer.statusCode).toBe(200)
  await gateway.close({ graceMs: 1000 })
})

async function openElsewhere() {
  // `address()` is an AddressInfo for a server that listens on TCP.
  const listened = Promise.withResolvers<number>()
  const listen = (server: Server) => void server.listen(0, "127.0.0.1", () => listened.resolve((server.address() as AddressInfo).port))
  const { gateway } = await openGateway([], {}, { listen })
  return { gateway, port: await listened.promise }
}

function keepAliveAgent(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  return agent
}

function answerOf(port: number, agent: Agent, path = "/parcels/p1"): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", path, agent }, (answer) => {
      answer.resume().once("end", () => resolve(answer))
    }).once("error", reject)
  })
}
