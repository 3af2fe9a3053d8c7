import type { Delivery, EventEnvelope, Outbox } from "@hanok/contract"
import { expect, onTestFinished, test } from "vitest"
import { createMemoryOutbox } from "../memory/outbox.ts"
import { createRelay } from "./relay.ts"

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
const trace = { traceId: "1".repeat(32), spanId: "2".repeat(16) }
const event = (id: string, orderingKey?: string): EventEnvelope => ({
  id,
  contract: "order",
  event: "paid",
  payload: {},
  orderingKey,
  occurredAt: 0,
  trace,
})

/** A relay that never looks of its own accord, so that whatever it brings it was told of. */
function relayed(deliver: (delivery: Delivery) => Promise<void>, concurrency = 32) {
  const outbox = createMemoryOutbox()
  let leases = 0
  const counted: Outbox = { ...outbox, lease: (limit, leaseMs) => (leases++, outbox.lease(limit, leaseMs)) }
  const relay = createRelay({ outbox: counted, deliver, log: silent, concurrency, pollMs: 2 ** 30 })
  onTestFinished(() => relay.close())
  const commit = (...events: readonly EventEnvelope[]) => outbox.commit(events.map((one) => [one, ["gift"]]))
  return { commit, leases: () => leases }
}

test("events of one key that were committed together come one after the other", async () => {
  const [came, underWay] = [new Array<string>(), new Set<string>()]
  const { commit } = relayed(async ({ envelope: { id } }) => {
    expect(underWay.size).toBe(0)
    underWay.add(id)
    await new Promise(setImmediate)
    underWay.delete(id)
    came.push(id)
  })
  commit(...["1", "2", "3", "4", "5"].map((id) => event(id, "key")))
  await expect.poll(() => came).toEqual(["1", "2", "3", "4", "5"])
})

test("more events than may be under way at once are all brought", async () => {
  const came = new Set<string>()
  let [now, most] = [0, 0]
  const { commit } = relayed(async ({ envelope: { id } }) => {
    most = Math.max(most, ++now)
    await new Promise(setImmediate)
    now--
    came.add(id)
  }, 3)
  for (let number = 0; number < 50; number++) commit(event(String(number)))
  await expect.poll(() => came.size).toBe(50)
  expect(most).toBe(3)
})

test("what is committed while the relay is full comes as soon as it is not", async () => {
  const waiting: (() => void)[] = []
  const came: string[] = []
  const { commit } = relayed(
    ({ envelope: { id } }) => new Promise<void>((resolve) => waiting.push(resolve)).then(() => void came.push(id)),
    1,
  )
  commit(event("1"))
  await expect.poll(() => waiting.length).toBe(1)
  commit(event("2"))
  await new Promise(setImmediate)
  waiting[0]?.()
  await expect.poll(() => waiting.length).toBe(2)
  waiting[1]?.()
  await expect.poll(() => came).toEqual(["1", "2"])
})

test("an outbox is not asked again after a delivery behind which nothing waits", async () => {
  const came: string[] = []
  const { commit, leases } = relayed(async ({ envelope: { id } }) => void came.push(id))
  await new Promise(setImmediate)
  const before = leases()
  for (const id of ["1", "2", "3"]) {
    commit(event(id))
    await expect.poll(() => came.at(-1)).toBe(id)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  expect(leases() - before).toBe(3)
})
