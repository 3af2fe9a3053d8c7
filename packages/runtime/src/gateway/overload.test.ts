import { defineContract, defineModule, query } from "@hanok/contract"
import { expect, test } from "vitest"
import { z } from "zod"
import { ask, createHouse, kim, openGateway, parcel } from "./fixture.ts"

const text = { input: z.object({}), output: z.object({}), access: "public" } as const
const shopContract = defineContract("shop", {
  browse: query({ ...text, http: "GET /items", priority: "low" }),
  pay: query({ ...text, http: "GET /pay", priority: "high" }),
})

test("when too much comes in, what is important is carried out and the rest is told to come again", async () => {
  const waiting: { readonly name: string; end(): void }[] = []
  const handler = (name: string) => () => async () => {
    await new Promise<void>((end) => waiting.push({ name, end }))
    return {}
  }
  const handlers = { browse: handler("browse"), pay: handler("pay") }
  const house = await openGateway([defineModule({ contract: shopContract, owner: "team-shop", handlers })], { concurrentRequests: 20 })
  const browsing = Array.from({ length: 20 }, () => ask(house, "/items"))
  await expect.poll(() => waiting.length).toBe(14)
  await expect.poll(() => house.gateway.gate.counts.shed.low).toBe(6)
  const paying = Array.from({ length: 6 }, () => ask(house, "/pay"))
  await expect.poll(() => waiting.filter(({ name }) => name === "pay").length).toBe(6)
  for (const { end } of waiting) end()
  expect((await Promise.all(paying)).map(({ status }) => status)).toEqual(Array(6).fill(200))
  const browsed = await Promise.all(browsing)
  expect(browsed.filter(({ status }) => status === 200)).toHaveLength(14)
  expect(browsed.find(({ status }) => status === 503)?.body).toMatchObject({ code: "OVERLOADED", retryAfterMs: 1000 })
  expect(house.gateway.gate.counts).toMatchObject({ admitted: 20, shed: { low: 6, high: 0 } })
})

test("a client that goes away while its request waits leaves no trace", async () => {
  const waiting: (() => void)[] = []
  const handler = () => async () => {
    await new Promise<void>((end) => waiting.push(end))
    return {}
  }
  const module = defineModule({ contract: shopContract, owner: "team-shop", handlers: { browse: handler, pay: handler } })
  const house = await openGateway([module], { concurrentRequests: 4 })
  const { gate } = house.gateway
  const others = Array.from({ length: 3 }, () => ask(house, "/items"))
  await expect.poll(() => waiting.length).toBe(3)
  const abort = new AbortController()
  const gone = fetch(`${house.gateway.url}/items`, { signal: abort.signal }).catch(() => undefined)
  // On a very busy machine its time may be over before anybody looks.
  await expect.poll(() => gate.load.queued + gate.counts.shed.low, { interval: 5 }).toBe(1)
  abort.abort()
  await gone
  await expect.poll(() => gate.load.queued).toBe(0)
  for (const end of waiting) end()
  expect((await Promise.all(others)).map(({ status }) => status)).toEqual([200, 200, 200])
  expect([waiting.length, gate.load.inFlight]).toEqual([3, 0])
})

test("a request that is refused as its call begins leaves no trace, and room for others", async () => {
  const house = await createHouse({ concurrentRequests: 4 })
  const send = (key: string) => ask(house, "/parcels", { method: "POST", body: parcel, as: kim, headers: { "idempotency-key": key } })
  for (let count = 0; count < 10; count++) expect((await send("not a key")).status).toBe(400)
  expect(house.gateway.gate.load).toMatchObject({ inFlight: 0, queued: 0 })
  expect((await send("a-key")).status).toBe(200)
})
